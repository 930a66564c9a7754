# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The agent's second loop: is there anybody at the other end of the tunnel? openvpn's own keepalive takes 20 seconds to notice a lane
# that died; three probes of the gateway's overlay address take less than two.
#
# States of the tunnel: down (no process) -> connecting (process, no answer yet) -> up (the gateway answered).
#   connecting -> up       a probe is answered
#   up -> down             three probes in a row are lost: openvpn is killed, once, and started again. Not by SIGUSR1: with auth-retry
#                          nointeract it then waits for connect-retry's maximum, 5 s; nor by SIGTERM: there is nobody to say goodbye to
#   connecting             left to openvpn, which tries its remotes in turn: a restart now would cut a handshake short
#   any -> down            the process died: started again here, or by the service manager

watch_loop() {
  end_with_child
  watch_state=down
  watch_process=
  choose_probe
  while agent_current; do
    if [ -e "$RUN/suspended" ] || ! [ -s "$RUN/gateway" ]; then
      watch_state=down
      pause "$probe_pause"
    elif ! tunnel_pid "$DEVICE"; then
      watch_leaves_up
      watch_state=down
      watch_restart
      pause "$probe_pause"
    elif [ "$tunnel_pid" != "$watch_process" ]; then
      # Another process than the one that was up: the poll loop or the service manager has started it.
      watch_process=$tunnel_pid
      watch_leaves_up
      watch_state=connecting
    elif probe_gateway "$(cat "$RUN/gateway")"; then
      if [ "$watch_state" != up ]; then
        watch_state=up
        say "tunnel up: the gateway answers"
        date +%s >"$RUN/$DEVICE.up"
        touch "$RUN/observe-now"
      fi
      pause "$probe_pause"
    elif [ "$watch_state" = up ]; then
      watch_leaves_up
      watch_state=down
      say "the gateway does not answer through the tunnel: reconnecting"
      kill -KILL "$tunnel_pid" 2>/dev/null || true
    else
      watch_state=connecting
      pause "$probe_pause"
    fi
  done
}

watch_leaves_up() {
  rm -f "$RUN/$DEVICE.up"
  if [ "$watch_state" = up ]; then touch "$RUN/observe-now"; fi
}

# A service manager starts its own again.
watch_restart() {
  if [ "$(cat "$STATE/service")" != none ] || ! [ -s "$STATE/$DEVICE.conf" ]; then return; fi
  if ! mkdir "$RUN/tunnel.lock" 2>/dev/null; then return; fi
  if ! [ -e "$RUN/suspended" ] && ! tunnel_pid "$DEVICE"; then
    say "starting openvpn again; it said last: $(tail -n 1 "$RUN/$DEVICE.log" 2>/dev/null | tr -c '[:print:]' ' ')"
    tunnel_spawn "$DEVICE" || true
  fi
  tunnel_unlock
}

# choose_probe : three pings 0.3 s apart where ping can do that, two a second apart where it cannot, and without any ping a TCP
# connection to a closed port, whose refusal is an answer as well.
choose_probe() {
  probe_pause=0.4
  sleep 0.01 2>/dev/null || probe_pause=1
  probe_kind=tcp
  if ping -q -c 1 -i 0.3 -W 1 127.0.0.1 >/dev/null 2>&1; then
    probe_kind=fast
  elif ping -q -c 1 -W 1 127.0.0.1 >/dev/null 2>&1; then
    probe_kind=slow
  fi
  printf '%s\n' "$probe_kind" >"$RUN/probe-kind"
}

probe_gateway() {
  case $probe_kind in
    fast) ping -q -c 3 -i 0.3 -W 1 -I "$DEVICE" "$1" >"$RUN/probe" 2>&1 ;;
    slow) ping -q -c 2 -W 1 -I "$DEVICE" "$1" >"$RUN/probe" 2>&1 ;;
    tcp)
      curl -q --silent --output /dev/null --interface "$DEVICE" --connect-timeout 1 --write-out '%{errormsg}\n' "http://$1:9/" >"$RUN/probe" 2>/dev/null && return
      grep -q refused "$RUN/probe"
      ;;
  esac
}
