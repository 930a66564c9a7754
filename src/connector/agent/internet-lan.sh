# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Internet access by the tunnel for the machines of the LAN: what comes in at a device of the LAN from one of this network's prefixes, and has
# no more particular way than the default route, is looked up in a table of our own. What this machine sends itself does not come in at a
# device: the tunnel's own packets are not touched.

# internet_lan_routes FAMILY DEVICE : the table.
internet_lan_routes() {
  case $1 in
    4) printf 'default dev %s\nunreachable default metric %s\n' "$2" "$INTERNET_METRIC" ;;
    6) printf 'unreachable 2000::/3 metric %s\n' "$INTERNET_METRIC6" ;;
  esac
}

# internet_lan_rules FAMILY : the main table without its default first, so that other networks, neighbours and static routes stay. An IPv6
# default route is often 2000::/3 (3).
internet_lan_rules() {
  internet_lan_devices >"$RUN/lan-devices"
  if ! [ -s "$RUN/lan-devices" ] && [ "$1" = 4 ]; then
    problem "internet-no-lan the internet traffic of this network goes into the tunnel, but none of its prefixes is connected or routed at this machine, so that none comes by here"
  fi
  while read -r lan_device; do
    case $1 in
      4)
        echo "$INTERNET_MAIN_RULE from all iif $lan_device lookup main suppress_prefixlength 0"
        for lan_prefix in $desired_local; do echo "$INTERNET_RULE from ${lan_prefix%/32} iif $lan_device lookup $INTERNET_TABLE"; done
        ;;
      6) printf '%s from all iif %s lookup main suppress_prefixlength 3\n%s from all iif %s lookup %s\n' "$INTERNET_MAIN_RULE" "$lan_device" "$INTERNET_RULE" "$lan_device" "$INTERNET_TABLE" ;;
    esac
  done <"$RUN/lan-devices"
}

# internet_lan_devices : prints the devices at which a local prefix, or a part of one, is connected or routed.
internet_lan_devices() {
  for lan_prefix in $desired_local; do echo "local $lan_prefix"; done | cat - "$RUN/own-network" | awk "$PREFIX_AWK"'
    $1 == "local" { local[++locals] = $2 }
    $1 == "route" && $3 != "-" && $3 != "lo" && !($3 in seen) {
      for (i = 1; i <= locals; i++)
        if (inside($2, local[i]) || inside(local[i], $2)) { seen[$3] = 1; print $3; break }
    }'
}
