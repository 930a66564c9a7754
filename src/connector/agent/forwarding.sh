# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The kernel's switch for forwarding, now and after a reboot. What it was is kept for uninstall, from the first installation on: a
# second run finds our own 1. With the setting keep-sysctl the operator's own tools manage it, and the agent only reports.

forwarding_install() {
  if [ -e "$STATE/keep-sysctl" ]; then return; fi
  [ -e "$STATE/restore/ip_forward" ] || sysctl_value net/ipv4/ip_forward | keep "$STATE/restore/ip_forward" || exit 1
  if [ -d /etc/sysctl.d ] || mkdir -p /etc/sysctl.d 2>/dev/null; then
    printf '# Causeway connector: packets between the tunnel and the LAN. Removed by: causeway-connector uninstall\nnet.ipv4.ip_forward = 1\n' |
      keep "$SYSCTL_FILE" 0644 || exit 1
  fi
}

# forwarding_apply : each pass, since other software (and files that are read later than ours) turns it off again.
forwarding_apply() {
  forwarding_now=$(sysctl_value net/ipv4/ip_forward)
  if [ "$forwarding_now" != 1 ]; then
    if [ -e "$STATE/keep-sysctl" ]; then
      problem "forwarding-off net.ipv4.ip_forward is 0 and this connector was installed with --keep-sysctl; set it to 1"
    elif write_sysctl net/ipv4/ip_forward 1; then
      say "turned net.ipv4.ip_forward on (it was $forwarding_now)"
    else
      problem "forwarding-off net.ipv4.ip_forward is $forwarding_now and may not be written here (a container?); set it on the host, or start the container with --sysctl net.ipv4.ip_forward=1"
    fi
  fi
  if ! [ -e "$STATE/keep-sysctl" ] && ! write_sysctl "net/ipv4/conf/$DEVICE/forwarding" 1; then
    problem "forwarding-off net.ipv4.conf.$DEVICE.forwarding may not be written here"
  fi
}

forwarding_restore() {
  rm -f "$SYSCTL_FILE" "$SYSCTL_FILE.new"
  if [ -s "$STATE/restore/ip_forward" ]; then
    read -r forwarding_before <"$STATE/restore/ip_forward"
    write_sysctl net/ipv4/ip_forward "$forwarding_before" || say "could not set net.ipv4.ip_forward back to $forwarding_before"
  fi
}
