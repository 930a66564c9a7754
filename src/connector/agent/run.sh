# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The agent: one process that keeps three loops alive (poll.sh, watch.sh, observe.sh). It may be stopped, replaced or killed at any
# time without touching the tunnel; only in the foreground does an orderly end take the tunnel with it.

# agent_current : called by the loops (where $$ is still the agent's pid): a loop whose agent died, or was replaced, ends itself.
agent_current() { [ "$(cat "$RUN/agent.pid" 2>/dev/null)" = $$ ] && kill -0 $$ 2>/dev/null; }

# The loops wait in children of their own, which these end together with the loop: a stop is not held up by a long poll.
# (BusyBox takes an empty pid for 0, which is the whole process group.)
end_with_child() {
  waiting_pid=
  trap '[ -z "$waiting_pid" ] || kill "$waiting_pid" 2>/dev/null; exit 0' TERM
}

pause() {
  sleep "$1" &
  waiting_pid=$!
  wait "$waiting_pid" || true
  waiting_pid=
}

# other_agent : sets other_agent to the pid of a running agent, from its pid file; the command line is checked.
other_agent() {
  other_agent=
  read -r other_agent <"$RUN/agent.pid" || return 1
  case $other_agent in '' | *[!0-9]* | "$$") return 1 ;; esac
  tr '\0' ' ' <"/proc/$other_agent/cmdline" | grep -q "$PROGRAM run"
} 2>/dev/null

run_agent() {
  [ -s "$STATE/credential" ] || die "this machine is not enrolled: run the install line of its connector"
  if other_agent; then die "an agent is running already (pid $other_agent)"; fi
  rmdir "$RUN/tunnel.lock" "$RUN/routes.lock" "$RUN/observe.lock" 2>/dev/null || true
  printf '%s\n' $$ >"$RUN/agent.pid"
  # What came with a profile since is newer than this script. With a full disk the one before has to do.
  [ -s "$STATE/ca.pem" ] || write_ca || true
  choose_probe
  probe_sweep
  handover_settle
  poll_pid='' watch_pid='' observe_pid=''
  run_ending=
  trap 'run_ending=yes' TERM INT HUP
  say "agent $CAUSEWAY_VERSION for connector $(cat "$STATE/connector"), controller $CAUSEWAY_URL"
  while [ -z "$run_ending" ]; do
    # A loop ends only by a fault of its own; the others go on meanwhile.
    kill -0 "${poll_pid:-none}" 2>/dev/null || { poll_loop & poll_pid=$!; }
    kill -0 "${watch_pid:-none}" 2>/dev/null || { watch_loop & watch_pid=$!; }
    kill -0 "${observe_pid:-none}" 2>/dev/null || { observe_loop & observe_pid=$!; }
    sleep 5 &
    run_sleep=$!
    wait "$run_sleep" || true
  done
  run_end
}

run_end() {
  trap '' TERM INT HUP
  kill "$run_sleep" "$poll_pid" "$watch_pid" "$observe_pid" 2>/dev/null || true
  wait "$poll_pid" "$watch_pid" "$observe_pid" 2>/dev/null || true
  handover_stop
  probe_sweep
  if [ "$(cat "$STATE/service")" = none ]; then
    for run_device in $DEVICES; do tunnel_stop "$run_device"; done
    say "agent and tunnel stopped"
  else
    say "agent stopped, the tunnel goes on"
  fi
  # Last: who waits for our end looks here.
  rm -f "$RUN/agent.pid"
}
