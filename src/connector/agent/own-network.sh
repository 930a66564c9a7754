# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# What this machine reaches without the tunnel, and must go on reaching without it.

# own_network : prints it, one fact a line, from the main table; our own routes are left out.
#   route PREFIX DEVICE       any route but the default one (DEVICE: - where it has none)
#   connected PREFIX DEVICE   those of them whose hosts are neighbours
#   hop ADDRESS               next hops
#   default DEVICE ADDRESS    the default routes, the one in use first (ADDRESS: - without a next hop)
#   underlay ADDRESS          gateways and controller
own_network() {
  ip -4 route show table main | awk '
    {
      destination = $1
      if ($1 ~ /^(unreachable|blackhole|prohibit|throw)$/) destination = $2
      if ($1 == "nexthop") destination = held; else held = destination
      device = "-"; hop = "-"; link = ours = 0
      for (i = 1; i < NF; i++) {
        if ($i == "dev") device = $(i + 1)
        if ($i == "via") hop = $(i + 1)
        if ($i == "scope" && $(i + 1) == "link") link = 1
        if ($i == "proto" && $(i + 1) == "'"$PROTOCOL"'") ours = 1
      }
      if (ours || device ~ /^causeway[0-9]/) next
      if (hop !~ /^[0-9.]*$/) hop = "-"
      if (destination !~ /\// && destination != "default") destination = destination "/32"
      if (hop != "-") print "hop", hop
      if (destination == "default") { if (device != "-") print "default", device, hop; next }
      print "route", destination, device
      if (link && hop == "-") print "connected", destination, device
    }'
  cat "$RUN/gateway-addresses" "$RUN/controller-address" 2>/dev/null | awk '/^[0-9.]+$/ { print "underlay", $1 }'
}
