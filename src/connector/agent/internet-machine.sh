# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Internet access by the tunnel for this machine itself (a host): 0.0.0.0/1 and 128.0.0.0/1 into the tunnel (routes.sh), which leaves the
# default route alone, and exceptions for what must not go there: gateways and controller. The exceptions follow the default route. Until the
# tunnel is up the machine's name servers are among them: the gateway's name has to be found.

# internet_machine_exceptions FAMILY
internet_machine_exceptions() {
  case $1 in
    4)
      internet_machine_addresses | cat "$RUN/own-network" - | awk "$PREFIX_AWK"'
        $1 == "default" && way == "" { way = ($3 == "-" ? "" : " via " $3) " dev " $2 }
        $1 == "route" { other[++others] = $2 }
        NF == 1 && $1 ~ /^[0-9.]+$/ && way != "" && !($1 in seen) {
          seen[$1] = 1
          for (i = 1; i <= others; i++) if (inside($1, other[i])) next
          print $1 way
        }'
      printf 'unreachable 0.0.0.0/1 metric %s\nunreachable 128.0.0.0/1 metric %s\n' "$INTERNET_METRIC" "$INTERNET_METRIC"
      ;;
    6)
      { ip -6 route show table main default 2>/dev/null; internet_machine_addresses; } | awk -v metric="$INTERNET_METRIC6" '
        $1 == "default" && way == "" { for (i = 2; i < NF; i++) if ($i == "via" || $i == "dev") way = way " " $i " " $(i + 1) }
        NF == 1 && /:/ && way != "" && !($1 in seen) { seen[$1] = 1; print $1 way " metric " metric }'
      printf 'unreachable 2000::/3 metric %s\n' "$INTERNET_METRIC6"
      ;;
  esac
}

internet_machine_addresses() {
  cat "$RUN/gateway-addresses" "$RUN/controller-address" 2>/dev/null
  if ! [ -s "$RUN/$DEVICE.up" ]; then awk '$1 == "nameserver" { print $2 }' /etc/resolv.conf 2>/dev/null; fi
}

# internet_follow : called by the watch loop when the tunnel goes or comes: the default route may be another one.
internet_follow() {
  if ! [ -e "$STATE/internet" ] || ! read_desired "$STATE/desired" || [ "$desired_internet" != machine ]; then return; fi
  if ! try_lock routes; then return; fi
  problems_begin internet
  own_network >"$RUN/own-network"
  internet_prepare "$DEVICE"
  internet_apply
  problems_end
  unlock routes
}
