# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Address and routes of the tunnel device. The plan is made from what the kernel holds, adds come before deletes, and only routes
# with our protocol number are ever deleted. Judging and planning are awk: a site with a thousand prefixes takes the shell seconds.

# routes_judge : reads the facts of own_network, and `range`, `route` and `local` with a prefix each; prints `take PREFIX` for each route
# that the tunnel may have, and `problem WORDS` for each that would cut this machine off. One that covers what must stay reachable without
# the tunnel is split around that, and around every other route inside it, which the pieces would otherwise override.
routes_judge() {
  awk "$PREFIX_AWK"'
    function reach(address, reason) { reached[++reaches] = address; reasons[address] = reason }
    # Pieces of a prefix between the exceptions [1..cuts], widest first.
    function pieces(first, length_, i, whole, touched) {
      whole = size_of_length(length_)
      for (i = 1; i <= cuts; i++) {
        if (cut_first[i] <= first && cut_end[i] >= first + whole) return
        if (cut_first[i] < first + whole && cut_end[i] > first) touched = 1
      }
      if (!touched) { piece[++piece_count] = written(first, length_); return }
      pieces(first, length_ + 1)
      pieces(first + whole / 2, length_ + 1)
    }
    # A nested exception is part of the wider one.
    function cut(prefix, i) {
      for (i = 1; i <= cuts; i++) if (number(prefix) >= cut_first[i] && number(prefix) + size(prefix) <= cut_end[i]) return
      cuts++
      cut_first[cuts] = number(prefix)
      cut_end[cuts] = number(prefix) + size(prefix)
    }
    function split_around(prefix, i, length_) {
      cuts = piece_count = 0
      length_ = substr(prefix, index(prefix, "/") + 1)
      # 0.0.0.0/0 is no other network; what of the internet goes into the tunnel is said by another word (internet.sh).
      if (length_ == 0) return 0
      for (i = 1; i <= others; i++) if (inside(other[i], prefix)) cut(other[i])
      for (i = 1; i <= reaches; i++) if (inside(reached[i], prefix)) cut(reached[i])
      for (i = 1; i <= locals; i++) if (inside(local[i], prefix)) cut(local[i])
      if (cuts > 16) return 0
      pieces(number(prefix), length_ + 0)
      for (i = 1; i <= piece_count; i++) print "take", piece[i]
      return piece_count > 0
    }
    function judge(prefix, i, covered) {
      for (i = 1; i <= connections; i++)
        if (inside(prefix, connected[i])) {
          print "problem route-refused " prefix " lies in " connected[i] ", which is connected at " at[i] " of this machine; give one of them another prefix"
          return
        }
      for (i = 1; i <= locals; i++)
        if (inside(prefix, local[i])) { print "problem route-refused " prefix " lies in " local[i] ", which this network itself serves"; return }
      covered = ""
      for (i = 1; i <= connections && covered == ""; i++)
        if ((at[i] in uplink) && inside(connected[i], prefix)) covered = connected[i] ", this machine'"'"'s own LAN at " at[i]
      for (i = 1; i <= locals && covered == ""; i++) if (inside(local[i], prefix)) covered = local[i] ", which this network itself serves"
      for (i = 1; i <= reaches && covered == ""; i++) if (inside(reached[i], prefix)) covered = reasons[reached[i]]
      if (covered == "") print "take", prefix
      else if (!split_around(prefix)) print "problem route-refused " prefix " covers " covered "; split the prefix around it"
    }
    $1 == "route" && NF == 3 { other[++others] = $2; next }
    $1 == "connected" { connected[++connections] = $2; at[connections] = $3 }
    $1 == "default" { uplink[$2] = 1 }
    $1 == "hop" { if (!($2 in reasons)) reach($2, "the next hop " $2 " of this machine") }
    $1 == "underlay" { if (!($2 in reasons)) reach($2, $2 ", by which the tunnel itself or the controller is reached") }
    $1 == "local" { local[++locals] = $2 }
    ($1 == "range" || $1 == "route") && NF == 2 && !($2 in seen) { seen[$2] = 1; wanted[++wants] = $2 }
    END { for (w = 1; w <= wants; w++) judge(wanted[w]) }'
}

# routes_facts : what routes_judge reads.
routes_facts() {
  cat "$RUN/own-network"
  for routes_prefix in $desired_local; do echo "local $routes_prefix"; done
  for routes_prefix in $desired_ranges; do echo "range $routes_prefix"; done
  for routes_prefix in $desired_routes; do echo "route $routes_prefix"; done
}

# routes_difference DEVICE ADDRESS : reads `take PREFIX`, and what the kernel holds: `held ROUTE…` and `address PREFIX`, as ip prints them;
# prints the batch that leads from the one to the other, nothing when they are equal. Our routes by the other device are moved by a
# replacement each: a hand-over is this plan with another device, and no prefix is without a route in between.
routes_difference() {
  awk -v device="$1" -v address="$2/32" -v protocol="$PROTOCOL" '
    $1 == "take" { wanted[$2] = 1; order[++count] = $2 }
    $1 == "address" { if ($2 == address) addressed = 1; else spare_address[$2] = 1 }
    $1 == "held" && $2 ~ /^[0-9.]+(\/[0-9]+)?$/ {
      via = ""
      for (i = 3; i < NF; i++) {
        if ($i == "dev") via = $(i + 1)
        if ($i == "metric") next
      }
      if (via !~ /^causeway[0-9]/) next
      prefix = $2 ~ /\// ? $2 : $2 "/32"
      if (via == device) held[prefix] = 1; else elsewhere[prefix] = via
    }
    END {
      if (!addressed) print "addr add " address " dev " device
      for (i = 1; i <= count; i++) {
        prefix = order[i]
        if (prefix in held) continue
        # add and not replace: replace would take over a route of the same prefix that somebody else made.
        print "route " (prefix in elsewhere ? "replace " : "add ") prefix " dev " device " proto " protocol
        held[prefix] = 1
      }
      for (prefix in held) if (!(prefix in wanted)) print "route del " prefix " dev " device " proto " protocol
      for (prefix in elsewhere) if (!(prefix in wanted)) print "route del " prefix " dev " elsewhere[prefix] " proto " protocol
      for (prefix in spare_address) print "addr del " prefix " dev " device
    }'
}

# routes_held [DEVICE] : our routes as ip prints them.
routes_held() { ip -4 route show table main ${1:+dev "$1"} proto "$PROTOCOL"; }

addresses_held() { ip -4 -o addr show dev "$1" | awk '{ print $4 }'; }

# routes_apply DEVICE : one batch; what the kernel refused is a problem and the rest stands.
routes_apply() {
  routes_facts | routes_judge >"$RUN/routes-judged"
  problems_from "$RUN/routes-judged"
  for routes_prefix in $desired_foreign; do
    problem "route-unsupported $routes_prefix is IPv6, which this version of the connector does not route"
  done
  {
    grep '^take ' "$RUN/routes-judged"
    internet_machine_routes
    routes_held | sed 's/^/held /'
    addresses_held "$1" | sed 's/^/address /'
  } >"$RUN/routes-known"
  routes_difference "$1" "$desired_address" <"$RUN/routes-known" >"$RUN/routes-batch"
  if ! [ -s "$RUN/routes-batch" ]; then return; fi
  ip -force -batch "$RUN/routes-batch" >/dev/null 2>"$RUN/routes-error" || true
  routes_held "$1" | awk '{ print $1 ~ /\// ? $1 : $1 "/32" }' >"$RUN/routes-now"
  if ! cmp -s "$RUN/routes-now" "$RUN/routes-said"; then
    say "$(awk '$1 == "route" { n[$2]++ } END { printf "routes into the tunnel: %d added, %d moved, %d deleted", n["add"], n["replace"], n["del"] }' "$RUN/routes-batch"), now $(wc -l <"$RUN/routes-now")"
    cp "$RUN/routes-now" "$RUN/routes-said"
  fi
  awk 'NR == FNR { now[$1] = 1; next } $1 == "take" && !($2 in now) { print $2 }' "$RUN/routes-now" "$RUN/routes-known" >"$RUN/routes-missing"
  while read -r routes_prefix; do
    problem "route-taken $routes_prefix cannot be routed into the tunnel: $(ip -4 route show table main exact "$routes_prefix" | head -n 1 | tr '\n' ' ')$(head -n 1 "$RUN/routes-error"); remove the other route"
  done <"$RUN/routes-missing"
}
