# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# NAT, MSS clamp and counters in one nft table of our own, made, deleted and made again in one transaction: loading it twice is the
# same as once, and no other table is touched. It can forbid nothing and allow nothing: firewalls.sh deals with those who drop.

# nat_ruleset : prints the table. `masquerade`: what comes from a tunnel address leaves with this machine's LAN address, so that
# the LAN needs no route back. `routed`: sources stay as they are, except the gateway's own address, so that the probes by which
# the gateway watches the LAN come back also where the LAN has no route to it. An internet gateway in masquerade mode also hides the
# sources of other sites, but only from the internet: the servers of this network go on seeing who they are.
nat_ruleset() {
  case $desired_nat in
    masquerade) nat_sources=$desired_ranges ;;
    routed) nat_sources=$desired_gateway ;;
  esac
  nat_sites='' nat_local=''
  if nat_of_sites; then nat_sites=$desired_routes nat_local=$desired_local; fi
  cat <<END
table inet $NFT_TABLE
delete table inet $NFT_TABLE
table inet $NFT_TABLE {
$(nat_set masqueraded "$nat_sources")
$(nat_set sites "$nat_sites")
$(nat_set local "$nat_local")
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
		ip saddr @sites ip daddr != @local counter masquerade
	}
}
END
}

nat_of_sites() { [ "$desired_egress $desired_nat" = 'yes masquerade' ]; }

# nat_set NAME PREFIXES : merged by nft, since prefixes of other sites may lie in one another.
nat_set() {
  printf '\tset %s {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\tauto-merge\n' "$1"
  # shellcheck disable=SC2086 # a list of prefixes
  [ -z "$2" ] || printf '\t\telements = { %s }\n' "$(echo $2 | sed 's/ /, /g')"
  printf '\t}\n'
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
  if nat_of_sites; then say "nat: $desired_nat, towards the internet also other sites"; else say "nat: $desired_nat"; fi
  if [ "$desired_nat" = masquerade ]; then forget_flows; fi
}

# NAT is chosen with the first packet of a flow: flows that began without it stay without it (and unanswered) until they are forgotten.
# Only those: they are the ones whose replies are expected at the tunnel address itself. Flows with NAT go on.
forget_flows() {
  if ! command -v conntrack >/dev/null 2>&1; then
    problem "conntrack-missing NAT was turned on, and flows that are already tracked keep failing until they end; install conntrack (conntrack-tools)"
    return
  fi
  # One look at all: a look for each of a thousand prefixes takes minutes.
  {
    for flows_prefix in $desired_ranges; do echo "masqueraded $flows_prefix"; done
    if nat_of_sites; then
      for flows_prefix in $desired_routes; do echo "site $flows_prefix"; done
      for flows_prefix in $desired_local; do echo "local $flows_prefix"; done
    fi
    conntrack -L 2>/dev/null
  } | flows_without_nat | while read -r flows_source flows_destination; do
    conntrack -D -s "$flows_source" -d "$flows_destination" --reply-dst "$flows_source" >/dev/null 2>&1 || true
  done
}

# flows_without_nat : reads prefixes (`masqueraded`, `site`, `local`) and conntrack's list; prints `SOURCE DESTINATION` of each flow that should
# have NAT and has none. By length of prefix, so that the work does not grow with the number of prefixes.
flows_without_nat() {
  awk "$PREFIX_AWK"'
    function among(kind, address, i, unit) {
      address = number(address)
      for (i = 1; i <= lengths; i++) {
        unit = sizes[i]
        if ((kind " " (address - address % unit) " " unit) in held) return 1
      }
      return 0
    }
    $1 == "masqueraded" || $1 == "site" || $1 == "local" {
      unit = size($2)
      if (!(unit in known)) { known[unit] = 1; sizes[++lengths] = unit }
      held[$1 " " number($2) " " unit] = 1
      next
    }
    {
      source = destination = ""
      for (i = 1; i <= NF; i++) {
        if ($i ~ /^src=/ && source == "") source = substr($i, 5)
        if ($i ~ /^dst=/) { if (destination == "") destination = substr($i, 5); reply = substr($i, 5) }
      }
      if (source == "" || source ~ /:/ || source != reply || (source " " destination) in seen) next
      seen[source " " destination] = 1
      if (among("masqueraded", source) || (among("site", source) && !among("local", destination))) print source, destination
    }'
}

nat_remove() {
  # Also where there is none: a bare declaration makes it, so that the delete cannot fail.
  printf 'table inet %s\ndelete table inet %s\n' "$NFT_TABLE" "$NFT_TABLE" | nft -f - 2>/dev/null || true
}
