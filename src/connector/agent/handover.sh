# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Hand-over, make before break: what would otherwise be a restart of the tunnel (a renewed certificate, another configuration, another lane,
# what the gateway learns only from a new tunnel), and the way back from a lane that was only the next best, is a second tunnel beside the
# first, which closes when the second carries the packets.
# A process beside the loops, one at a time: routes are applied meanwhile. No two tunnels of one connector can be on one lane, so that
# the way back to the same lane leads over the hand-over lane: two legs.
#
# States of a leg, in RUN/handover while it runs:
#   starting   the spare device has the address and no routes; openvpn connects with it. Left for `moving` when the gateway answers through it,
#              for `dropped` after HANDOVER_SECONDS or when openvpn ended
#   moving     under the lock `routes`: the spare is the device in use from now on (STATE/device), one batch replaces every route
#   closing    what was under way has arrived: the old openvpn ends, its device goes; another leg if the lane is not yet the right one
#   dropped    the spare goes, the old tunnel was never touched; tried again after a pause that doubles
# The old tunnel may die at any time: watch.sh starts it again, and the spare takes over if it answers first. A killed agent leaves one or
# both tunnels; the next one keeps the one that answers (handover_settle).

HANDOVER_SECONDS=${CAUSEWAY_HANDOVER_SECONDS:-15}
# What was on its way through the old tunnel arrives in it, also on a busy machine.
HANDOVER_DRAIN=0.5
HANDOVER_PAUSE_MAX=60
# Attempts that nobody answered: the lane cannot be reached from here (a site without UDP), so that the tunnel is restarted in place.
# Those that the gateway refused do not count: another connector has the lane for a few seconds.
HANDOVER_UNANSWERED_MAX=4

# handover_running : sets handover_pid.
handover_running() {
  handover_pid=
  read -r handover_pid <"$RUN/handover.pid" || return 1
  case $handover_pid in '' | *[!0-9]*) return 1 ;; esac
  grep -q '^State:[[:space:]]*[^ZX]' "/proc/$handover_pid/status" && tr '\0' ' ' <"/proc/$handover_pid/cmdline" | grep -q "$PROGRAM run"
} 2>/dev/null

# handover_possible DEVICE : the present tunnel works, the gateway has a lane for it, and no firewall here (which an operator may have opened for
# one device only) stops what the other would carry.
handover_possible() {
  if grep -q '^forward-dropped ' "$RUN/problems/apply" 2>/dev/null; then return 1; fi
  [ -n "$desired_handover" ] && [ "$(counter "$RUN/handover-unanswered")" -lt "$HANDOVER_UNANSWERED_MAX" ] || return 1
  # The watch loop of an agent that has just started does not know yet.
  [ -s "$RUN/$1.up" ] || probe_once "$1" "$desired_gateway"
}

# handover_begin : by the poll loop; does nothing while the pause after a failure lasts.
handover_begin() {
  if [ "$(date +%s)" -lt "$(counter "$RUN/handover-next")" ]; then return; fi
  handover_run &
  printf '%s\n' "$!" >"$RUN/handover.pid"
}

# handover_run : the process. Looks again after each leg, so that what changed meanwhile is a leg more.
handover_run() {
  end_with_child
  problems_begin handover
  while handover_due; do
    if ! handover_leg; then
      if [ "$handover_reason" = strayed ]; then
        lane_return_failed
        handover_drop "$SPARE"
      else
        handover_failed
      fi
      break
    fi
    rm -f "$RUN/handover-next" "$RUN/handover-pause" "$RUN/handover-unanswered" "$RUN/lane-return-next" "$RUN/lane-return-pause"
  done
  problems_end
  rm -f "$RUN/handover"
}

handover_due() {
  agent_current || exit 0
  find_device
  read_desired "$STATE/desired" && [ "$desired_state" = active ] && [ -n "$desired_handover" ] || return 1
  tunnel_wanted "$DEVICE"
  handover_reason=differs
  if tunnel_differs "$DEVICE"; then return; fi
  handover_reason=strayed
  lane_strayed "$DEVICE" && lane_return_due
}

# handover_leg : one new tunnel on the spare device. The first remote is taken at once when the present tunnel is on another lane.
handover_leg() {
  leg_began=$(date +%s)
  # shellcheck disable=SC2046 # three words
  set -- $(first_remote)
  lane_note "$DEVICE"
  handover_drop "$SPARE"
  if [ "$(cat "$STATE/$DEVICE.running" 2>/dev/null)" != handover ] && lane_is "$DEVICE" "$@"; then
    leg_remote="$desired_handover udp"
    leg_lane="the hand-over lane ($leg_remote)"
    echo handover >"$RUN/$SPARE.wanted"
  else
    leg_remote=$*
    leg_lane="its lane ($leg_remote)"
    tunnel_wanted "$SPARE"
  fi
  handover_configuration "$SPARE" "$leg_remote" >"$RUN/$SPARE.conf"
  handover_state starting
  keep "$STATE/$SPARE.conf" <"$RUN/$SPARE.conf" && device_prepare "$SPARE" && ip addr replace "$desired_address/32" dev "$SPARE" &&
    : >"$RUN/$SPARE.log" && tunnel_start "$SPARE" || return 1
  cp "$RUN/$SPARE.wanted" "$STATE/$SPARE.running"
  until grep -q 'Initialization Sequence Completed' "$RUN/$SPARE.log" && probe_once "$SPARE" "$desired_gateway"; do
    agent_current || exit 0
    [ $(($(date +%s) - leg_began)) -le "$HANDOVER_SECONDS" ] || return 1
    pause 0.1
  done
  lane_note "$SPARE"
  handover_state moving
  handover_move || return 1
  handover_state closing
  pause "$HANDOVER_DRAIN"
  handover_drop "$SPARE"
  service_boots "$DEVICE" "$SPARE"
  printf 'at=%s seconds=%s device=%s lane=%s\n' "$leg_began" $(($(date +%s) - leg_began)) "$DEVICE" "$(cat "$RUN/$DEVICE.lane" 2>/dev/null)" >"$RUN/handover-last"
  say "handed over to $DEVICE on $leg_lane"
}

handover_state() { printf '%s since=%s device=%s to=%s\n' "$1" "$leg_began" "$SPARE" "$leg_lane" >"$RUN/handover"; }

# handover_configuration DEVICE REMOTE : with that as the only remote. On any other the new tunnel could displace the present one, and a site
# without UDP would take the shared lane, on which it is, for the one that it was to go to.
handover_configuration() {
  tunnel_configuration "$1" | awk -v remote="remote $2" '
    /^<connection>/ { skip = 1 }
    !skip && $1 != "remote" && $1 != "remote-random"
    /^<\/connection>/ { skip = 0 }
    END { print remote }'
}

# handover_move : the spare device becomes the one in use, with every route. From now on openvpn comes back by the usual lanes, also where
# it runs on the hand-over lane.
handover_move() {
  lock routes
  agent_current || { unlock routes && exit 0; }
  read_desired "$STATE/desired" || true
  date +%s >"$RUN/$SPARE.up"
  if ! printf '%s\n' "$SPARE" | keep "$STATE/device"; then
    unlock routes
    return 1
  fi
  find_device
  tunnel_configuration "$DEVICE" | keep "$STATE/$DEVICE.conf" || true
  # Its problems are the next pass's to tell.
  move_problems=$problem_list problem_list=$RUN/moved
  routing_apply
  problem_list=$move_problems
  rm -f "$RUN/$SPARE.up"
  unlock routes
}

# handover_drop DEVICE : away with the tunnel that is not in use, with address, routes and files; the log stays for a look.
handover_drop() {
  lock tunnel
  # A service manager may be about to start it again.
  if tunnel_pid "$1" || [ -e "$STATE/$1.conf" ]; then tunnel_stop "$1"; fi
  if device_exists "$1" && device_is_tun "$1"; then ip link del dev "$1" || true; fi
  rm -f "$STATE/$1.conf" "$STATE/$1.running" "$RUN/$1.up" "$RUN/$1.lane" "$RUN/$1.status" "$RUN/$1.pid"
  unlock tunnel
}

handover_drop_spare() {
  if tunnel_pid "$SPARE" || device_exists "$SPARE" || [ -e "$STATE/$SPARE.conf" ]; then handover_drop "$SPARE"; fi
}

handover_failed() {
  failed_pause=$(counter "$RUN/handover-pause")
  failed_pause=$((failed_pause == 0 ? 2 : failed_pause * 2))
  [ "$failed_pause" -le "$HANDOVER_PAUSE_MAX" ] || failed_pause=$HANDOVER_PAUSE_MAX
  echo "$failed_pause" >"$RUN/handover-pause"
  echo $(($(date +%s) + failed_pause)) >"$RUN/handover-next"
  if grep -q AUTH_FAILED "$RUN/$SPARE.log" 2>/dev/null; then
    problem "handover-refused the gateway does not take a second tunnel on $leg_lane now; the present tunnel stays in use and the agent tries again"
  else
    echo $(($(counter "$RUN/handover-unanswered") + 1)) >"$RUN/handover-unanswered"
    problem "handover-failed no second tunnel on $leg_lane within $HANDOVER_SECONDS s; the present tunnel stays in use and the agent tries again; see $RUN/$SPARE.log"
  fi
  handover_drop "$SPARE"
}

handover_stop() {
  if handover_running; then end_process "$handover_pid"; fi
  rm -f "$RUN/handover.pid" "$RUN/handover"
}

# handover_settle : at the start of an agent, and while it is the only process: of two tunnels the one that answers stays.
handover_settle() {
  if handover_running; then kill -KILL "$handover_pid" 2>/dev/null; fi
  rm -f "$RUN/handover.pid" "$RUN/handover"
  find_device
  if tunnel_pid "$SPARE" && [ -s "$RUN/gateway" ] && read_desired "$STATE/desired"; then
    settle_gateway=$(cat "$RUN/gateway")
    if ! { tunnel_pid "$DEVICE" && probe_once "$DEVICE" "$settle_gateway"; } && probe_once "$SPARE" "$settle_gateway"; then
      say "the last hand-over was cut short: $SPARE answers and is kept"
      problem_list=$RUN/moved
      if handover_move; then
        service_boots "$DEVICE" "$SPARE"
        pause "$HANDOVER_DRAIN"
      fi
    fi
  fi
  handover_drop_spare
}

# counter FILE : prints its number, 0 where there is none.
counter() {
  counter_value=0
  { read -r counter_value <"$1"; } 2>/dev/null || true
  case $counter_value in '' | *[!0-9]*) counter_value=0 ;; esac
  echo "$counter_value"
}
