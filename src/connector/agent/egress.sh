# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# A connector whose network is an internet gateway. Its own way to the internet must not be the tunnel, or packets go in circles.

egress_check() {
  if [ "$desired_egress" != yes ]; then return; fi
  ip -4 route show table main | awk '
    $1 == "default" || $1 == "0.0.0.0/1" || $1 == "128.0.0.0/1" {
      for (i = 2; i < NF; i++) if ($i == "dev") { found = 1; if ($(i + 1) ~ /^causeway[0-9]/) loop = $1 " dev " $(i + 1) }
    }
    $1 == "nexthop" { found = 1 }
    END {
      if (loop != "") print "problem egress-loop this network is an internet gateway, and this machine sends its own internet traffic into the tunnel (" loop "); give it a default route by its own line"
      else if (!found) print "problem egress-no-default this network is an internet gateway, and this machine has no default route; give it one by its own line"
    }' >"$RUN/egress"
  problems_from "$RUN/egress"
}
