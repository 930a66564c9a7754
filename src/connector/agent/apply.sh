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
  problems_begin apply
  if device_prepare "$DEVICE"; then
    forwarding_apply
    nat_apply
    firewalls_apply
    routes_apply "$DEVICE"
  else
    problem "no-tun the device $DEVICE could not be made; is /dev/net/tun there (modprobe tun; in a container --device /dev/net/tun) and NET_ADMIN allowed?"
  fi
  problems_end
  problems_begin tunnel
  tunnel_apply "$DEVICE"
  problems_end
  printf '%s\n' "$desired_gateway" >"$RUN/gateway"
  printf '%s\n' "$desired_ranges" >"$RUN/ranges"
}
