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

observe() {
  rm -rf "$RUN/sections"
  mkdir -p "$RUN/sections" "$RUN/sent"
  observe_machine
  observe_network
  observe_firewall
  observe_tunnel
  cat "$RUN/problems/"* 2>/dev/null | section problems
  observe_post
}

observe_machine() {
  {
    printf 'agent=%s\nkernel=%s\nclock=%s\nservice=%s\n' "$CAUSEWAY_VERSION" "$(uname -r)" "$(date +%s)" "$(cat "$STATE/service")"
    grep -E '^(ID|VERSION_ID|PRETTY_NAME)=' /etc/os-release 2>/dev/null
    printf 'openvpn=%s\n' "$(openvpn --version 2>/dev/null | head -n 1)"
    printf 'nft=%s\n' "$(nft --version 2>/dev/null)"
    printf 'iproute2=%s\n' "$(ip -V 2>/dev/null)"
  } | section agent
  read_platform
  section platform <"$RUN/platform"
}

observe_network() {
  ip -j addr | section addr
  ip -j -d link | section link
  ip -j rule | section rule
  ip -j -6 rule 2>/dev/null | section rule6
  ip -j route show table all | section route
  ip -j -6 route show table all 2>/dev/null | section route6
  ip -j neigh | section neigh
  observe_sysctl | section sysctl
  cat /proc/net/snmp /proc/net/netstat | section counters
}

observe_sysctl() {
  for sysctl_name in net/ipv4/ip_forward net/netfilter/nf_conntrack_max net/netfilter/nf_conntrack_count; do
    sysctl_line "$sysctl_name"
  done
  for sysctl_directory in /proc/sys/net/ipv4/conf/*; do
    for sysctl_name in forwarding rp_filter accept_local send_redirects accept_redirects proxy_arp; do
      sysctl_line "net/ipv4/conf/${sysctl_directory##*/}/$sysctl_name"
    done
  done
  for sysctl_directory in /proc/sys/net/ipv6/conf/*; do
    for sysctl_name in forwarding accept_ra; do sysctl_line "net/ipv6/conf/${sysctl_directory##*/}/$sysctl_name"; done
  done
  # What the files say about forwarding, in the order in which they are read: the value after a reboot.
  grep -hs '^[^#;]*ip_forward' /usr/lib/sysctl.d/*.conf /run/sysctl.d/*.conf /etc/sysctl.d/*.conf /etc/sysctl.conf | sed 's/^/persisted: /'
}

sysctl_line() {
  if [ -r "/proc/sys/$1" ]; then printf '%s=%s\n' "$1" "$(sysctl_value "$1")"; fi
}

observe_firewall() {
  nft -j -s list ruleset 2>/dev/null | without_comments | section nft
  nft -j list table inet "$NFT_TABLE" 2>/dev/null | section nat-counters
  if [ -e "$RUN/firewalls" ]; then section firewalls <"$RUN/firewalls"; fi
  if legacy_in_use; then iptables-legacy-save 2>/dev/null | sed '/^#/d; s/--comment ("[^"]*"|[^ ]*)/--comment -/; s/\[[0-9:]*\]//' | section iptables-legacy; fi
  if command -v conntrack >/dev/null 2>&1; then
    observe_unreplied | section conntrack
  fi
}

# A sample of the flows from the overlay that nobody answered.
observe_unreplied() {
  [ -s "$RUN/ranges" ] && read -r observe_ranges <"$RUN/ranges" || return
  for observe_range in $observe_ranges; do conntrack -L -s "$observe_range" 2>/dev/null; done | grep UNREPLIED | head -n 50
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

# observe_post : `== NAME HASH` and the text, or `== NAME HASH same`. 409 says that the controller lacks one of the hashes.
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
  request POST "$AGENT_API/observation" "$RUN/observation" "$RUN/observed" 30
  case $http_status in
    204) while read -r section_hash section_name; do printf '%s\n' "$section_hash" >"$RUN/sent/$section_name"; done <"$RUN/hashes" ;;
    # Sent in full at the next tick.
    409) if [ -e "$RUN/sent/agent" ]; then rm -rf "$RUN/sent" && touch "$RUN/observe-now"; fi ;;
  esac
}
