# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The tun device is made before openvpn runs and belongs to openvpn's user: so openvpn needs no rights to open it, and address and
# routes stay when openvpn is restarted.

# find_device : sets DEVICE, the tunnel in use, and SPARE from what the last hand-over wrote. Called at the start of each pass of each
# loop: the hand-over is a process beside them.
find_device() {
  case $(cat "$STATE/device" 2>/dev/null) in
    causeway1) DEVICE=causeway1 SPARE=causeway0 ;;
    *) DEVICE=causeway0 SPARE=causeway1 ;;
  esac
}

# tunnel_user : who openvpn runs as; the made-up user where there is one, else nobody (a container image without useradd).
tunnel_user() { if id "$TUNNEL_USER" >/dev/null 2>&1; then echo "$TUNNEL_USER"; else echo nobody; fi; }

make_tunnel_user() {
  if id "$TUNNEL_USER" >/dev/null 2>&1; then return; fi
  if command -v useradd >/dev/null 2>&1; then
    useradd --system --no-create-home --home-dir /nonexistent --shell /bin/false "$TUNNEL_USER" 2>/dev/null || true
  elif command -v adduser >/dev/null 2>&1; then
    adduser -S -D -H -h /nonexistent -s /bin/false "$TUNNEL_USER" 2>/dev/null || true
  fi
  if id "$TUNNEL_USER" >/dev/null 2>&1; then echo made >"$STATE/restore/user"; fi
}

# By /proc/sys, which shows the network namespace of who reads it; /sys shows the one in which it was mounted.
device_exists() { [ -d "/proc/sys/net/ipv4/conf/$1" ]; }

device_is_tun() { ip -d link show dev "$1" 2>/dev/null | grep -q '^ *tun type tun'; }

# device_prepare DEVICE : idempotent.
device_prepare() {
  if ! device_exists "$1"; then
    ip tuntap add dev "$1" mode tun user "$(tunnel_user)" || return 1
  elif ! device_is_tun "$1"; then
    say "there is a device $1 that is no tun: rename it, then start the connector again"
    return 1
  fi
  # 2 on the tun relaxes a strict 1 in `all` (the kernel takes the larger): replies of another site arrive by the tunnel although the
  # machine's own route to their source may be its default route, and a hand-over needs it.
  write_sysctl "net/ipv4/conf/$1/rp_filter" 2
  write_sysctl "net/ipv4/conf/$1/send_redirects" 0
  # forwarding.sh reports where it may not be written.
  [ -e "$STATE/keep-sysctl" ] || write_sysctl "net/ipv4/conf/$1/forwarding" 1 || true
  # No router solicitations into the tunnel; the overlay is IPv4 in this version.
  if [ -e "/proc/sys/net/ipv6/conf/$1/disable_ipv6" ]; then write_sysctl "net/ipv6/conf/$1/disable_ipv6" 1; fi
  ip link set dev "$1" up
}

# sysctl_value PATH : by /proc/sys, since names with dots in them (VLANs) are ambiguous to the sysctl command; and by cat, since the
# shell's read takes single bytes and these files end after the first read, however short.
sysctl_value() { cat "/proc/sys/$1" 2>/dev/null; }

# write_sysctl PATH VALUE : writes only a difference; returns 1 where it may not be written (a container).
write_sysctl() {
  if [ "$(sysctl_value "$1")" = "$2" ]; then return 0; fi
  { echo "$2" >"/proc/sys/$1"; } 2>/dev/null
}
