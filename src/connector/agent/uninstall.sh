# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Takes back everything that install.sh and the agent changed, in an order in which an interrupted run can be repeated: what says how
# things were before (STATE) goes last.

# withdraw : the machine is as it was, and the connector still knows who it is: what a package's removal leaves.
withdraw() {
  service_remove
  internet_remove
  probe_sweep
  nat_remove
  firewalls_remove
  for uninstall_device in $DEVICES; do
    if device_is_tun "$uninstall_device"; then ip link del dev "$uninstall_device" || say "could not remove the device $uninstall_device"; fi
  done
  forwarding_restore
  # After it, since the kernel's switch for forwarding sets every interface.
  fixes_restore
}

uninstall() {
  withdraw
  if [ -e "$STATE/restore/user" ]; then
    if command -v userdel >/dev/null 2>&1; then userdel --force "$TUNNEL_USER" 2>/dev/null || true; else deluser "$TUNNEL_USER" 2>/dev/null || true; fi
  fi
  rm -rf "$RUN" "$STATE"
  if [ -z "$PACKAGED" ]; then
    rm -f "$COMMAND"
    rm -rf "${PROGRAM%/*}"
  fi
  printf 'The connector is removed from this machine. Packages that it needed (openvpn, nftables) stay installed.\n'
  printf 'The controller still lists the connector: delete it by the API, or install it on another machine with a new token.\n'
}
