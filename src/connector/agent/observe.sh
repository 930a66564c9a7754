# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The agent's third loop: once a minute, and soon after something changed, it posts what the machine looks like: raw outputs, which
# the controller keeps and core judges. A section whose hash the controller has is named, not sent again.

OBSERVE_SECONDS=60
# Larger outputs (a Kubernetes node's rules) are named with their size; half a JSON text is of no use.
SECTION_BYTES=131072

observe_loop() {
  end_with_child
  observe_next=0
  renew_next=$(($(date +%s) + 60))
  rm -rf "$RUN/sent"
  while agent_current; do
    find_device
    observe_now=$(date +%s)
    if [ "$observe_now" -ge "$observe_next" ] || [ -e "$RUN/observe-now" ]; then
      rm -f "$RUN/observe-now"
      observe
      observe_next=$((observe_now + OBSERVE_SECONDS))
    fi
    if [ "$observe_now" -ge "$renew_next" ]; then
      renew_what_is_due
      for observe_device in $DEVICES; do trim_log "$observe_device"; done
      renew_next=$((observe_now + 60))
    fi
    pause 2
  done
}

# section NAME : keeps standard input as that section.
section() {
  # A line that looks like the start of a section is moved by a blank.
  sed 's/^==/ ==/' >"$RUN/sections/$1"
  section_size=$(wc -c <"$RUN/sections/$1")
  if [ "$section_size" -gt "$SECTION_BYTES" ]; then echo "too large: $((section_size)) bytes" >"$RUN/sections/$1"; fi
}

# without_comments : comments in rules are the operator's words and may hold anything; `from overlay` and the like are ours.
without_comments() {
  sed -E 's/"comment": *"([^"\\]|\\.)*"/"comment": "-"/g'
}

# observe : also called by the poll loop, when the controller asks for it now.
observe() {
  lock observe
  read -r observe_began _ </proc/uptime
  rm -rf "$RUN/sections"
  mkdir -p "$RUN/sections" "$RUN/sent"
  observe_machine
  observe_network
  observe_firewall
  observe_tunnel
  cat "$RUN/problems/"* 2>/dev/null | section problems
  observe_post
  unlock observe
}

observe_machine() {
  {
    printf 'agent=%s\nkernel=%s\nclock=%s\nservice=%s\n' "$CAUSEWAY_VERSION" "$(uname -r)" "$(date +%s)" "$(cat "$STATE/service")"
    grep -E '^(ID|VERSION_ID|PRETTY_NAME)=' /etc/os-release 2>/dev/null
    printf 'openvpn=%s\n' "$(openvpn --version 2>/dev/null | head -n 1)"
    printf 'nft=%s\n' "$(nft --version 2>/dev/null)"
    printf 'iproute2=%s\n' "$(ip -V 2>/dev/null)"
    printf 'container=%s\n' "$(observe_container)"
  } | section agent
  read_platform
  section platform <"$RUN/platform"
}

# observe_container : `bridge` in a container whose network is behind its host's, `host` in one that uses its host's or has a place on the LAN;
# nothing elsewhere. Containers that are machines (LXC, systemd-nspawn) usually stand on the LAN by such a device themselves.
observe_container() {
  if [ -e /.dockerenv ] || [ -e /run/.containerenv ] || grep -qsE 'docker|kubepods|containerd|libpod' /proc/1/cgroup; then
    observe_uplink=$(ip -4 route show table main default | awk '{ for (i = 1; i < NF; i++) if ($i == "dev") { print $(i + 1); exit } }')
    if ip -d link show dev "${observe_uplink:-lo}" 2>/dev/null | grep -q '^ *veth'; then echo bridge; else echo host; fi
  fi
}

observe_network() {
  ip -j addr | section addr
  ip -j -d link | section link
  ip -j rule | section rule
  ip -j -6 rule 2>/dev/null | section rule6
  ip -j route show table all | section route
  ip -j -6 route show table all 2>/dev/null | section route6
  # What a router told about a better way (ICMP redirect), and path MTUs: where there are any.
  ip -j -4 route show cache 2>/dev/null | section route-cache
  ip -j neigh | section neigh
  observe_neighbour_changes | section neighbour-changes
  grep -sE '^[[:space:]]*(nameserver|search|options)[[:space:]]' /etc/resolv.conf | section dns
  observe_sysctl | section sysctl
  cat /proc/net/snmp /proc/net/netstat | section counters
}

# observe_neighbour_changes : `ADDRESS DEVICE BEFORE NOW TIME`, once for each address that has got another link address in the last ten minutes: two
# machines have it, or one took another's place.
observe_neighbour_changes() {
  touch "$RUN/neighbours" "$RUN/neighbour-changes"
  ip -4 neigh show 2>/dev/null | awk -v now="$(date +%s)" -v changes="$RUN/neighbour-changes.new" -v known="$RUN/neighbours.new" '
    FILENAME == ARGV[1] { link_[$1 " " $2] = $3; next }
    FILENAME == ARGV[2] { if ($5 > now - 600 && $5 <= now) changed[$1 " " $2] = $0; next }
    {
      place = mac = ""
      for (i = 2; i < NF; i++) { if ($i == "dev") place = $1 " " $(i + 1); if ($i == "lladdr") mac = $(i + 1) }
      if (place == "" || mac == "") next
      if ((place in link_) && link_[place] != mac) changed[place] = place " " link_[place] " " mac " " now
      link_[place] = mac
    }
    END {
      for (place in link_) print place, link_[place] >known
      for (place in changed) print changed[place] >changes
    }' "$RUN/neighbours" "$RUN/neighbour-changes" -
  for neighbours_file in neighbours neighbour-changes; do
    mv "$RUN/$neighbours_file.new" "$RUN/$neighbours_file" 2>/dev/null || : >"$RUN/$neighbours_file"
  done
  cat "$RUN/neighbour-changes"
}

# One program for each name, not for each file: a machine with containers has hundreds of interfaces.
observe_sysctl() (
  cd /proc/sys || exit 0
  {
    grep -sH '' net/ipv4/ip_forward net/netfilter/nf_conntrack_max net/netfilter/nf_conntrack_count
    for sysctl_name in forwarding bc_forwarding rp_filter src_valid_mark accept_local route_localnet log_martians send_redirects shared_media accept_redirects proxy_arp; do
      grep -sH '' net/ipv4/conf/*/"$sysctl_name"
    done
    for sysctl_name in forwarding force_forwarding accept_ra disable_ipv6 mtu; do grep -sH '' net/ipv6/conf/*/"$sysctl_name"; done
  } | sed 's/:/=/'
  # What the files say, in the order in which they are read: the value after a reboot.
  grep -hsE '^[^#;]*(forward|rp_filter|accept_ra)' /usr/lib/sysctl.d/*.conf /run/sysctl.d/*.conf /etc/sysctl.d/*.conf /etc/sysctl.conf | sed 's/^/persisted: /'
)

# plain_iptables : rules without remarks, comments and counters.
plain_iptables() {
  sed -E '/^#/d; s/--comment ("([^"\\]|\\.)*"|[^ ]*)/--comment -/; s/^(:[^ ]+ [^ ]+) .*/\1/; s/^\[[0-9:]*\] //'
}

observe_firewall() {
  nft -j -s list ruleset 2>/dev/null | without_comments | section nft
  nft -j list table inet "$NFT_TABLE" 2>/dev/null | section nat-counters
  if [ -e "$RUN/firewalls" ]; then section firewalls <"$RUN/firewalls"; fi
  if legacy_in_use; then
    iptables-legacy-save 2>/dev/null | plain_iptables | section iptables-legacy
    ip6tables-legacy-save 2>/dev/null | plain_iptables | section ip6tables-legacy
  fi
  # nft lists the matches and targets of iptables without what they say.
  if grep -q '"xt"' "$RUN/sections/nft"; then
    iptables-nft-save 2>/dev/null | plain_iptables | section iptables-nft
    ip6tables-nft-save 2>/dev/null | plain_iptables | section ip6tables-nft
  fi
  if command -v conntrack >/dev/null 2>&1; then
    observe_flows | section conntrack
  fi
}

# A sample of the flows from the overlay: many of those that nobody answered, and some that were, which show how answers are expected.
observe_flows() {
  [ -s "$RUN/ranges" ] && read -r observe_ranges <"$RUN/ranges" || return
  for observe_range in $observe_ranges; do conntrack -L -s "$observe_range" 2>/dev/null; done |
    awk '/UNREPLIED/ { if (unanswered++ < 50) print; next } answered++ < 10'
}

observe_tunnel() {
  {
    if tunnel_pid "$DEVICE"; then echo process=running; else echo process=none; fi
    if [ -s "$RUN/$DEVICE.up" ]; then printf 'up-since=%s\n' "$(cat "$RUN/$DEVICE.up")"; fi
    if [ -e "$RUN/suspended" ]; then echo suspended=yes; fi
    observe_handover
    observe_desired
    printf 'probe=%s\n' "$(cat "$RUN/probe-kind" 2>/dev/null)"
    grep 'rtt\|round-trip' "$RUN/probe" 2>/dev/null
    cat "$RUN/$DEVICE.status" 2>/dev/null
  } | section tunnel
  tail -n 30 "$RUN/$DEVICE.log" 2>/dev/null | section tunnel-log
}

# The device in use, the lane that it is connected to, and the hand-over: what it is doing, what was the last one, how many were tried in vain.
observe_handover() {
  printf 'device=%s\nlane=%s\n' "$DEVICE" "$(cat "$RUN/$DEVICE.lane" 2>/dev/null)"
  if handover_running; then printf 'handover=%s\n' "$(cat "$RUN/handover" 2>/dev/null)"; else echo handover=none; fi
  if [ -s "$RUN/handover-last" ]; then printf 'handover-last=%s\n' "$(cat "$RUN/handover-last")"; fi
  if [ "$(counter "$RUN/handover-next")" != 0 ]; then
    printf 'handover-next=%s\nhandover-unanswered=%s\n' "$(counter "$RUN/handover-next")" "$(counter "$RUN/handover-unanswered")"
  fi
}

# What of the desired state is on the machine, in this loop's own process.
observe_desired() {
  if ! [ -s "$STATE/desired" ] || ! read_desired "$STATE/desired"; then return; fi
  printf 'revision=%s\negress=%s\ninternet=%s\n' "$(cat "$RUN/applied" 2>/dev/null)" "$desired_egress" "$desired_internet"
  if [ "$desired_internet" = lan ]; then printf 'internet-devices=%s\n' "$(tr '\n' ' ' <"$RUN/lan-devices" 2>/dev/null)"; fi
}

# observe_post : `== NAME HASH` and the text, or `== NAME HASH same`. 409 says that the controller lacks one of the hashes. `took`: what changed
# while this machine was looked at, which takes seconds on a busy one, may be missing.
observe_post() {
  (cd "$RUN/sections" && openssl dgst -sha256 -r -- *) | sed 's/ \*/ /' >"$RUN/hashes"
  while read -r section_hash section_name; do
    if [ "$(cat "$RUN/sent/$section_name" 2>/dev/null)" = "$section_hash" ]; then
      printf '== %s %s same\n' "$section_name" "$section_hash"
    else
      printf '== %s %s\n' "$section_name" "$section_hash"
      cat "$RUN/sections/$section_name"
      echo
    fi
  done <"$RUN/hashes" >"$RUN/observation"
  observe_took=$(awk -v began="$observe_began" '{ printf "%d", ($1 - began) * 1000 }' /proc/uptime)
  request POST "$AGENT_API/observation?took=$observe_took" "$RUN/observation" "$RUN/observed" 30
  case $http_status in
    204) while read -r section_hash section_name; do printf '%s\n' "$section_hash" >"$RUN/sent/$section_name"; done <"$RUN/hashes" ;;
    # Sent in full at the next tick.
    409) if [ -e "$RUN/sent/agent" ]; then rm -rf "$RUN/sent" && touch "$RUN/observe-now"; fi ;;
  esac
}
