# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# NAT, MSS clamp and counters in one nft table of our own, made, deleted and made again in one transaction: loading it twice is the
# same as once, and no other table is touched. It can forbid nothing and allow nothing: firewalls.sh deals with those who drop.

# nat_ruleset : prints the table. `masquerade`: what comes from a tunnel address leaves with this machine's LAN address, so that
# the LAN needs no route back. `routed`: sources stay as they are, except the gateway's own address, so that the probes by which
# the gateway watches the LAN come back also where the LAN has no route to it.
nat_ruleset() {
  case $desired_nat in
    masquerade) nat_sources=$(echo "$desired_ranges" | sed 's/^ //; s/ /, /g') ;;
    routed) nat_sources=$desired_gateway ;;
  esac
  cat <<END
table inet $NFT_TABLE
delete table inet $NFT_TABLE
table inet $NFT_TABLE {
	set masqueraded {
		type ipv4_addr
		flags interval
		elements = { $nat_sources }
	}
	chain forward {
		type filter hook forward priority filter - 5; policy accept;
		oifname "$DEVICE_PATTERN" tcp flags syn / syn,rst tcp option maxseg size set rt mtu
		iifname "$DEVICE_PATTERN" tcp flags syn / syn,rst tcp option maxseg size set rt mtu
		iifname "$DEVICE_PATTERN" counter comment "from overlay"
		oifname "$DEVICE_PATTERN" counter comment "to overlay"
	}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "$DEVICE_PATTERN" return
		ip saddr @masqueraded counter masquerade
	}
}
END
}

# nat_apply : compares with what the kernel holds (without counters), so that counters live on while nothing changes, and a table
# that somebody flushed or edited comes back.
nat_apply() {
  nat_ruleset >"$RUN/nat.nft"
  nft -s list table inet "$NFT_TABLE" >"$RUN/nat-held" 2>/dev/null || : >"$RUN/nat-held"
  if cmp -s "$RUN/nat.nft" "$RUN/nat-loaded.nft" && cmp -s "$RUN/nat-held" "$RUN/nat-expected"; then return; fi
  if ! nft -f "$RUN/nat.nft" 2>"$RUN/nat-error"; then
    problem "nat-not-loaded nft refused the connector's table: $(head -n 1 "$RUN/nat-error")"
    return
  fi
  nft -s list table inet "$NFT_TABLE" >"$RUN/nat-expected"
  cp "$RUN/nat.nft" "$RUN/nat-loaded.nft"
  say "nat: $desired_nat"
  if [ "$desired_nat" = masquerade ]; then forget_flows; fi
}

# NAT is chosen with the first packet of a flow: flows that began without it stay without it (and unanswered) until they are forgotten.
# Only those: they are the ones whose replies are expected at the tunnel address itself. Flows with NAT go on.
forget_flows() {
  if ! command -v conntrack >/dev/null 2>&1; then
    problem "conntrack-missing NAT was turned on, and flows that are already tracked keep failing until they end; install conntrack (conntrack-tools)"
    return
  fi
  for flows_range in $desired_ranges; do
    conntrack -L -s "$flows_range" 2>/dev/null
  done | awk '
    {
      first = 1
      for (i = 1; i <= NF; i++) {
        if ($i ~ /^src=/ && first) { source = substr($i, 5); first = 0 }
        if ($i ~ /^dst=/) reply = substr($i, 5)
      }
      if (source == reply && !(source in seen)) { seen[source] = 1; print source }
    }' | while read -r flows_source; do conntrack -D -s "$flows_source" --reply-dst "$flows_source" >/dev/null 2>&1 || true; done
}

nat_remove() {
  # Also where there is none: a bare declaration makes it, so that the delete cannot fail.
  printf 'table inet %s\ndelete table inet %s\n' "$NFT_TABLE" "$NFT_TABLE" | nft -f - 2>/dev/null || true
}
