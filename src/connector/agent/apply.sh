# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# One pass from a desired state to the machine: idempotent, each part compares with what the kernel holds, and a part that fails
# leaves a problem and the others go on. Called by one process only (the poll loop).

apply_desired() {
  read_desired "$1" || return 1
  # First, since routes must not cover the places that the profile names.
  problems_begin profile
  fetch_profile
  problems_end
  find_gateways
  lock routes
  find_device
  problems_begin apply
  if device_prepare "$DEVICE"; then
    nat_apply
    routing_apply
    forwarding_apply
    egress_check
  else
    problem "no-tun the device $DEVICE could not be made; is /dev/net/tun there (modprobe tun; in a container --device /dev/net/tun) and NET_ADMIN allowed?"
  fi
  unlock routes
  # The slow ones (Python) at the end: nothing that changes while the connector runs waits for them.
  fixes_apply
  firewalls_apply
  problems_end
  problems_begin tunnel
  tunnel_apply
  problems_end
  if [ -s "$RUN/problems/handover" ] && ! handover_running && ! tunnel_differs "$DEVICE"; then
    problems_begin handover
    problems_end
  fi
  printf '%s\n' "$desired_gateway" >"$RUN/gateway"
  printf '%s\n' "$desired_ranges" >"$RUN/ranges"
  printf '%s\n' "$desired_revision" >"$RUN/applied"
}

# routing_apply : everything that leads into the tunnel in use; also what a hand-over moves, under the lock `routes`.
routing_apply() {
  own_network >"$RUN/own-network"
  internet_prepare "$DEVICE"
  routes_apply "$DEVICE"
  internet_apply
}
