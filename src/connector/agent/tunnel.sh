# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The openvpn process of one tunnel device. Under systemd and OpenRC it is a service of its own, in the foreground a child that
# outlives a killed agent; in all three it is known by its pid file, so that an agent that was replaced finds it again.

# tunnel_pid DEVICE : sets tunnel_pid; fails when it does not run. The name is checked: a pid may have been given to another process.
tunnel_pid() {
  tunnel_pid=
  read -r tunnel_pid <"$RUN/$1.pid" || return 1
  case $tunnel_pid in '' | *[!0-9]*) return 1 ;; esac
  tunnel_name=
  read -r tunnel_name <"/proc/$tunnel_pid/comm" || return 1
  [ "$tunnel_name" = openvpn ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$tunnel_pid/status"
} 2>/dev/null

tunnel_start() {
  case $(cat "$STATE/service") in
    systemd) systemctl start "causeway-connector-tunnel@$1.service" ;;
    openrc)
      # An installation of the first version has one device.
      ln -sf causeway-connector-tunnel "$OPENRC_SCRIPTS/causeway-connector-tunnel.$1"
      rc-service --quiet "causeway-connector-tunnel.$1" start
      ;;
    *) tunnel_spawn "$1" ;;
  esac
}

tunnel_stop() {
  case $(cat "$STATE/service") in
    systemd) systemctl stop "causeway-connector-tunnel@$1.service" ;;
    openrc) rc-service --quiet "causeway-connector-tunnel.$1" stop ;;
    *) if tunnel_pid "$1"; then end_process "$tunnel_pid"; fi ;;
  esac
  rm -f "$RUN/$1.pid"
}

# Without a service manager: a session of its own where setsid exists, so that the end of a terminal does not end the tunnel.
tunnel_spawn() {
  device_prepare "$1" || return 1
  if command -v setsid >/dev/null 2>&1; then
    setsid openvpn --config "$STATE/$1.conf" </dev/null >>"$RUN/$1.log" 2>&1 &
  else
    openvpn --config "$STATE/$1.conf" </dev/null >>"$RUN/$1.log" 2>&1 &
  fi
  # openvpn writes the same number a moment later; until it can be recognised nobody may start a second one.
  printf '%s\n' "$!" >"$RUN/$1.pid"
  spawn_tries=0
  until tunnel_pid "$1" || [ "$spawn_tries" -ge 20 ]; do
    spawn_tries=$((spawn_tries + 1))
    sleep 0.1 2>/dev/null || sleep 1
  done
}

# end_process PID : TERM, and KILL after ten seconds.
end_process() {
  kill "$1" 2>/dev/null || return 0
  end_tries=0
  while kill -0 "$1" 2>/dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; do
    end_tries=$((end_tries + 1))
    if [ "$end_tries" -gt 100 ]; then
      kill -KILL "$1" 2>/dev/null || true
      return 0
    fi
    sleep 0.1 2>/dev/null || sleep 1
  done
}

# tunnel_apply : brings openvpn to what is wanted: running with the configuration, certificate and profile on disk, or not at
# all while the connector is suspended. A difference is a hand-over; where none is possible (the present tunnel is not up, the gateway has
# no lane for it) openvpn is restarted. Which device is in use is asked again: a hand-over may have ended since this pass began. A tunnel that
# is as wanted and on another lane than its first remote (lane.sh) is handed over as well, and never restarted for that.
tunnel_apply() {
  if [ "$desired_state" = suspended ]; then
    tunnel_suspend
    return
  fi
  rm -f "$RUN/suspended"
  if ! [ -s "$STATE/profile" ] || ! [ -s "$STATE/certificate.pem" ] || handover_running; then return; fi
  find_device
  handover_drop_spare
  tunnel_wanted "$DEVICE"
  if tunnel_pid "$DEVICE"; then
    if ! tunnel_differs "$DEVICE"; then
      if lane_strayed "$DEVICE" && lane_return_due && handover_possible "$DEVICE"; then handover_begin; fi
      return
    fi
    if handover_possible "$DEVICE"; then
      handover_begin
      return
    fi
  fi
  tunnel_restart "$DEVICE"
}

tunnel_suspend() {
  touch "$RUN/suspended"
  # Not while it holds one of them.
  lock routes
  lock tunnel
  handover_stop
  find_device
  unlock tunnel
  unlock routes
  handover_drop_spare
  if tunnel_pid "$DEVICE"; then
    say "suspended by the controller: stopping the tunnel"
    tunnel_stop "$DEVICE"
  fi
}

# tunnel_wanted DEVICE : writes what openvpn is to run with, and the hash by which the running one is compared with it.
tunnel_wanted() {
  tunnel_configuration "$1" >"$RUN/$1.conf"
  { cat "$RUN/$1.conf" "$STATE/certificate.pem" && [ -z "$desired_tunnel" ] || echo "$desired_tunnel"; } | openssl dgst -sha256 >"$RUN/$1.wanted"
}

tunnel_differs() { ! cmp -s "$RUN/$1.conf" "$STATE/$1.conf" || ! cmp -s "$RUN/$1.wanted" "$STATE/$1.running"; }

# tunnel_restarts DEVICE : prints how often the log says that openvpn noticed by itself that its connection was over. It connects again with the remote
# that it was on; started again it would begin with the first, and a site without UDP would wait for that in vain (server-poll-timeout).
tunnel_restarts() {
  restarts=$(grep -c ' process restarting$' "$RUN/$1.log" 2>/dev/null) || true
  echo "${restarts:-0}"
}

tunnel_restart() {
  if ! keep "$STATE/$1.conf" <"$RUN/$1.conf"; then
    problem "disk-full the tunnel's configuration could not be written to $STATE; the one before stays in use"
    return
  fi
  lock tunnel
  if tunnel_pid "$1"; then
    say "restarting the tunnel $1: its configuration or certificate changed"
    tunnel_stop "$1"
  fi
  if tunnel_start "$1"; then
    cp "$RUN/$1.wanted" "$STATE/$1.running"
    rm -f "$RUN/handover-next" "$RUN/handover-pause" "$RUN/handover-unanswered"
  else
    problem "tunnel-not-started openvpn could not be started for $1; see $RUN/$1.log"
  fi
  unlock tunnel
}

# openvpn appends to an unbounded log while a gateway is away; /run is memory.
trim_log() {
  lane_note "$1" || true
  if [ "$(wc -c <"$RUN/$1.log" 2>/dev/null || echo 0)" -gt 262144 ]; then : >"$RUN/$1.log"; fi
}
