# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The agent's first loop: long poll for the desired state, apply it. Each answer (at the latest after the wait) is also the occasion
# to put right what somebody else changed on this machine. When the controller is away, the last state on disk stays in force.

POLL_WAIT=25
# Enough for one good handshake storm after a controller's restart, little enough that nobody waits for it.
POLL_BACKOFF_MAX=15

poll_loop() {
  end_with_child
  poll_revision=none
  poll_backoff=1
  poll_passed=0
  if [ -s "$STATE/desired" ] && apply_desired "$STATE/desired"; then poll_revision=$desired_revision; fi
  while agent_current; do
    poll_wait=$POLL_WAIT
    # A renewed certificate, or a problem of the tunnel that the next pass may mend.
    if [ -e "$RUN/apply-now" ] || [ -s "$RUN/problems/tunnel" ] || [ -s "$RUN/problems/profile" ]; then poll_wait=2; fi
    # Until the pause after a failed hand-over is over.
    if [ -s "$RUN/problems/handover" ]; then poll_wait=2; fi
    rm -f "$RUN/apply-now"
    request GET "$AGENT_API/desired?revision=$poll_revision&wait=$poll_wait&asks=yes" '' "$RUN/desired" $((poll_wait + 20))
    agent_current || return
    poll_take
    if poll_served; then continue; fi
    poll_passed=$(date +%s)
    if [ -s "$STATE/desired" ] && apply_desired "$STATE/desired"; then poll_revision=$desired_revision; fi
    if [ "$poll_ok" = yes ]; then
      poll_backoff=1
    else
      pause "$poll_backoff"
      poll_backoff=$((poll_backoff * 2))
      [ "$poll_backoff" -le "$POLL_BACKOFF_MAX" ] || poll_backoff=$POLL_BACKOFF_MAX
    fi
  done
}

# poll_served : answers the request that came with a good answer, if there is one. True where nothing else is to be done: then the next
# request, which often follows from the answer to this one, need not wait for a pass over the machine. The pass is put off, not left out.
poll_served() {
  [ "$poll_ok" = yes ] && request_read "$RUN/desired" || return 1
  request_serve
  [ "$desired_revision" = "$poll_revision" ] && [ $(($(date +%s) - poll_passed)) -lt "$POLL_WAIT" ]
}

# poll_take : judges one answer; a good one replaces the state on disk. No older revision is refused: there is one request at a time
# on an authenticated connection, so an old answer cannot overtake, and a controller restored from a backup goes back on purpose.
poll_take() {
  poll_ok=no
  problems_begin poll
  case $http_status in
    200)
      if read_desired "$RUN/desired"; then
        # Requests are for once.
        grep -vE "$REQUEST_WORDS" "$RUN/desired" | keep "$STATE/desired" && poll_ok=yes
      else
        problem "desired-ignored the controller's desired state was ignored: $desired_failure"
      fi
      ;;
    401 | 403) problem "credential-refused the controller does not know this connector (any more): $(request_failure "$RUN/desired"); install again with a new token, or uninstall" ;;
    [24]??) problem "desired-refused $(request_failure "$RUN/desired"); the last desired state stays in force" ;;
    *) problem "controller-unreachable $(request_failure "$RUN/desired"); the last desired state stays in force" ;;
  esac
  problems_end
}
