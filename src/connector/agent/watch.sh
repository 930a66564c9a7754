# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The agent's second loop: is there anybody at the other end of the tunnel? openvpn's own keepalive takes 20 seconds to notice a lane
# that died; three probes of the gateway's overlay address take less than two.
#
# States of the tunnel: down (no process) -> connecting (process, no answer yet) -> up (the gateway answered).
#   connecting -> up       a probe is answered
#   up -> down             three probes in a row are lost: openvpn is killed, once, and started again. Not by SIGUSR1: with auth-retry
#                          nointeract it then waits for connect-retry's maximum, 5 s; nor by SIGTERM: there is nobody to say goodbye to
#   up -> connecting       three probes in a row are lost, and openvpn has begun to connect again meanwhile, or has done so: its lane or the
#                          gateway asked it to
#   connecting             left to openvpn, which tries its remotes in turn: a restart now would cut a handshake short
#   any -> down            the process died: started again here, or by the service manager
#   any -> up              a hand-over made another tunnel the one in use, which has answered already

watch_loop() {
  end_with_child
  watch_state=down
  watch_process=
  watch_restarts=0
  find_device
  watch_device=$DEVICE
  while agent_current; do
    watch_handed_over
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
        watch_restarts=$(tunnel_restarts "$DEVICE")
        say "tunnel up: the gateway answers"
        date +%s >"$RUN/$DEVICE.up"
        lane_note "$DEVICE"
        internet_follow
        touch "$RUN/observe-now"
      fi
      pause "$probe_pause"
    elif watch_moving; then
      pause "$probe_pause"
    elif [ "$watch_state" = up ]; then
      watch_leaves_up
      if [ "$(tunnel_restarts "$DEVICE")" -gt "$watch_restarts" ]; then
        watch_state=connecting
        say "the gateway does not answer through the tunnel: openvpn is connecting again"
      else
        watch_state=down
        say "the gateway does not answer through the tunnel: reconnecting"
        kill -KILL "$tunnel_pid" 2>/dev/null || true
      fi
    else
      watch_state=connecting
      pause "$probe_pause"
    fi
  done
}

watch_handed_over() {
  find_device
  if [ "$DEVICE" = "$watch_device" ]; then return; fi
  watch_device=$DEVICE
  watch_state=down
  watch_process=
  if tunnel_pid "$DEVICE" && [ -s "$RUN/$DEVICE.up" ]; then
    watch_process=$tunnel_pid
    watch_state=up
    watch_restarts=$(tunnel_restarts "$DEVICE")
  fi
}

# watch_moving : the gateway answers through the other tunnel: it has moved before us, and the hand-over is about to.
watch_moving() {
  find_device
  [ "$DEVICE" != "$watch_device" ] || { handover_running && tunnel_pid "$SPARE" && probe_once "$SPARE" "$(cat "$RUN/gateway")"; }
}

watch_leaves_up() {
  rm -f "$RUN/$DEVICE.up"
  if [ "$watch_state" = up ]; then
    internet_follow
    touch "$RUN/observe-now"
  fi
}

# A service manager starts its own again.
watch_restart() {
  if [ "$(cat "$STATE/service")" != none ] || ! [ -s "$STATE/$DEVICE.conf" ]; then return; fi
  if ! try_lock tunnel; then return; fi
  find_device
  if ! [ -e "$RUN/suspended" ] && [ "$DEVICE" = "$watch_device" ] && ! tunnel_pid "$DEVICE"; then
    say "starting openvpn again; it said last: $(tail -n 1 "$RUN/$DEVICE.log" 2>/dev/null | tr -c '\040-\176' ' ')"
    tunnel_spawn "$DEVICE" || true
  fi
  unlock tunnel
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
    tcp) probe_tcp "$DEVICE" "$1" ;;
  esac
}

# probe_once DEVICE ADDRESS : whether there is an answer within a second; returns with it. (With -w iputils goes on sending until then; BusyBox
# waits ten seconds for what it sent unless -W says less.)
probe_once() {
  case $probe_kind in
    fast) ping -q -c 1 -i 0.2 -w 1 -W 1 -I "$1" "$2" >/dev/null 2>&1 ;;
    slow) ping -q -c 1 -W 1 -I "$1" "$2" >/dev/null 2>&1 ;;
    tcp) probe_tcp "$1" "$2" ;;
  esac
}

# (The message for users says "could not connect" of everything since curl 7.84; the system's word is among what --verbose prints.)
probe_tcp() {
  curl -q --silent --verbose --output /dev/null --interface "$1" --connect-timeout 1 "http://$2:9/" 2>"$RUN/probe-$1" && return
  grep -q refused "$RUN/probe-$1"
}
