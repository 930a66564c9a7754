# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Probes of what this network serves, on demand: one packet or one handshake each, without any payload. Where from decides what the answer
# proves (src/core/trace/probe.ts): `lan` has this machine's LAN address, `overlay` its tunnel address, whose answers need NAT or a route
# of the LAN, and `via-router` the same handed to the LAN's router, which has then seen the beginning of the flow. `site` alone leaves this
# network: through the tunnel to another one, with the LAN address, whose answers need a route there.
#
# In turns, each turn at once: TCP, pings, those by the router. A ping, and a flow that the router carried, make a router tell the server of
# the direct way (ICMP redirect), which would mend for five minutes what is to be found. And the rule for the router holds for all that the
# tunnel address sends to the target.

# The waits of a turn. A lost SYN is sent again after a second, so that TCP needs more than that; TCP and pings together take less than 3 s.
probe_tcp_seconds() { echo "$((request_limit - 1)).7"; }
probe_ping_seconds() { if [ "$request_limit" -gt 1 ]; then echo $((request_limit - 1)); else echo 1; fi; }

# probes_run : reads RUN/asked; answers each probe.
probes_run() {
  rm -rf "$RUN/probes"
  mkdir -p "$RUN/probes"
  sed -n 's/^probe //p' "$RUN/asked" >"$RUN/probes/asked"
  [ -s "$RUN/probes/asked" ] || return 0
  while read -r probe_number probe_kind_ probe_protocol probe_target probe_port probe_bytes; do
    probe_refusal=$(probe_objection)
    if [ -n "$probe_refusal" ]; then
      request_answer "$probe_number" not-possible "$probe_refusal"
    else
      printf '%s %s %s %s %s %s\n' "$probe_number" "$probe_kind_" "$probe_protocol" "$probe_target" "$probe_port" "$probe_bytes"
    fi
  done <"$RUN/probes/asked" >"$RUN/probes/allowed"
  grep -E '^. (lan|overlay|site) tcp ' "$RUN/probes/allowed" | probes_turn
  grep -E '^. (lan|overlay|site) icmp ' "$RUN/probes/allowed" | probes_turn
  if grep '^. via-router ' "$RUN/probes/allowed" >"$RUN/probes/routed"; then
    probe_by_router
    probes_turn <"$RUN/probes/allowed"
    probe_sweep
  fi
}

# probe_objection : prints why the probe that was read may not be sent; nothing where it may.
probe_objection() {
  case $probe_kind_ in lan | overlay | via-router | site) ;; *) echo "this version of the connector knows no probe of the kind asked for" && return ;; esac
  case $probe_protocol:$probe_port:$probe_bytes in
    icmp:-:-) ;;
    tcp:0*:- | tcp:*[!0-9]*:- | tcp:??????*:- | icmp:-:0* | icmp:-:*[!0-9]* | icmp:-:??????*) echo "the request is malformed" && return ;;
    tcp:?*:-) [ "$probe_port" -le 65535 ] || { echo "the request is malformed" && return; } ;;
    icmp:-:?*) { [ "$probe_bytes" -ge 28 ] && [ "$probe_bytes" -le 65535 ]; } || { echo "the request is malformed" && return; } ;;
    *) echo "the request is malformed" && return ;;
  esac
  if [ "$desired_state" = suspended ]; then echo "this connector is suspended" && return; fi
  if ! address_number "$probe_target"; then echo "this version of the connector probes IPv4 addresses only" && return; fi
  if [ "$probe_kind_" = site ]; then
    probe_site_objection
  else
    probe_is_served || echo "$probe_target is no address of this network, and not its router"
  fi
}

# probe_is_served : an address that this network serves, or a default router of this machine. Nothing else is ever probed, but by `site`.
probe_is_served() {
  probe_is_among "$desired_local $(ip -4 route show table main default 2>/dev/null | awk '{ for (i = 1; i < NF; i++) if ($i == "via") print $(i + 1) }')"
}

# probe_site_objection : an address that another network serves, by a packet that goes into the tunnel: nobody on this LAN gets it, nor the internet.
probe_site_objection() {
  if ! probe_is_among "$desired_routes" || probe_is_among "$desired_ranges $desired_local"; then
    echo "$probe_target is no address of another network"
    return
  fi
  probe_source=$(probe_lan_address)
  if [ -z "$probe_source" ]; then echo "this machine has no address in the prefixes of its network" && return; fi
  case $(ip -4 route get "$probe_target" from "$probe_source" 2>/dev/null) in
    *' dev causeway'[0-9]*) ;;
    *) echo "this machine does not send $probe_target into the tunnel" ;;
  esac
}

# probe_is_among PREFIXES : whether the target lies in one of them, of which a WPC may have a thousand. The whole internet is nobody's.
probe_is_among() {
  # shellcheck disable=SC2086 # a list
  printf '%s\n' $1 | awk -v target="$probe_target" "$PREFIX_AWK"'
    /^[0-9.]+(\/[1-9][0-9]?)?$/ && inside(target, $1) { found = 1 }
    END { exit !found }'
}

# probe_lan_address : prints this machine's address in the prefixes of its network. Of several the one that the controller takes for it
# (src/core/site-routes/lan-address.ts): at the default route's device, a primary one.
probe_lan_address() {
  {
    for probe_prefix in $desired_local; do echo "local $probe_prefix"; done
    own_network | grep '^default '
    ip -4 -o addr show scope global | sed 's/^/address /'
  } 2>/dev/null | awk "$PREFIX_AWK"'
    $1 == "local" { local[++locals] = $2 }
    $1 == "default" && uplink == "" { uplink = $2 }
    $1 == "address" && $3 != "lo" && $3 !~ /^causeway/ {
      split($5, part, "/")
      rank = ($3 == uplink ? 0 : 2) + ($0 ~ / secondary / ? 1 : 0)
      for (i = 1; i <= locals; i++)
        if (inside(part[1], local[i]) && (found == "" || rank < best)) { found = part[1]; best = rank }
    }
    END { if (found != "") print found }'
}

# probes_turn : reads probes, sends all of them, waits for all. Each is a process of its own with its own file.
probes_turn() {
  probe_pids='' probe_turn=''
  while read -r probe_number probe_kind_ probe_protocol probe_target probe_port probe_bytes; do
    case $probe_kind_ in
      lan) probe_source= ;;
      site) probe_source=$(probe_lan_address) ;;
      *) probe_source=$desired_address ;;
    esac
    case $probe_protocol in
      tcp) probe_connect "$probe_number" "$probe_target" "$probe_port" "$probe_source" & ;;
      icmp) probe_ping "$probe_number" "$probe_target" "$probe_bytes" "$probe_source" & ;;
    esac
    probe_pids="$probe_pids $!"
    probe_turn="$probe_turn $probe_number"
  done
  # shellcheck disable=SC2086 # a list of numbers
  [ -z "$probe_pids" ] || wait $probe_pids
  for probe_number in $probe_turn; do
    if read -r probe_answer probe_words <"$RUN/probes/$probe_number.answer"; then
      request_answer "$probe_number" "$probe_answer" "$probe_words"
    else
      request_answer "$probe_number" not-possible "the probe ended without an answer"
    fi
  done
}

# probe_scheme : one of curl's protocols in which the client says nothing first; small builds of curl lack telnet.
probe_scheme() {
  case " $(curl -q --version 2>/dev/null | sed -n 's/^Protocols://p') " in
    *' telnet '*) echo telnet ;;
    *) echo ftp ;;
  esac
}

# probe_connect NUMBER TARGET PORT SOURCE : curl ends only with its time, so it is ended as soon as it says that it is connected. Its own
# exit code for refused, unreachable and prohibited is the same; the system's words are in what it says with --verbose.
probe_connect() {
  probe_said=$RUN/probes/$1.said
  : >"$probe_said"
  curl -q --silent --verbose --noproxy '*' ${4:+--interface "host!$4"} --connect-timeout "$(probe_tcp_seconds)" --max-time "$(probe_tcp_seconds)" \
    --output /dev/null --write-out '%{time_connect}\n' "$(probe_scheme)://$2:$3" </dev/null >"$RUN/probes/$1.time" 2>"$probe_said" &
  probe_curl=$!
  until grep -qE 'Connected to|Established connection' "$probe_said" || [ -s "$RUN/probes/$1.time" ] || ! kill -0 "$probe_curl" 2>/dev/null; do
    sleep 0.05 2>/dev/null || sleep 1
  done
  kill "$probe_curl" 2>/dev/null
  wait "$probe_curl" 2>/dev/null || true
  probe_time=
  read -r probe_time <"$RUN/probes/$1.time" || true
  sed 's/^\* *//' "$probe_said" >"$probe_said.words"
  if probe_saw answered 'Connected to|Established connection'; then :
  elif probe_saw refused '[Cc]onnection refused'; then :
  elif probe_saw unreachable '[Uu]nreachable|No route to host'; then :
  elif probe_saw not-possible 'bind failed|binding|[Pp]ermission denied|not permitted'; then :
  elif probe_neighbour "$2"; then :
  else
    case $probe_time in
      *[1-9]*) echo "answered connected after $probe_time s" ;;
      *) probe_saw silent 'imed out|imeout|Time-out' || printf 'not-possible %s\n' "$(tail -n 1 "$probe_said.words" | tr -c '\040-\176' ' ')" ;;
    esac
  fi >"$RUN/probes/$1.answer"
}

# probe_saw ANSWER PATTERN : prints the answer with the last line that says so.
probe_saw() {
  probe_line=$(grep -E "$2" "$probe_said.words" | tail -n 1)
  [ -n "$probe_line" ] && printf '%s %s\n' "$1" "$probe_line"
}

# probe_neighbour TARGET : nobody on the LAN has the address: the system says so itself, but a second after our time.
probe_neighbour() {
  probe_line=$(ip -4 neigh show to "$1" 2>/dev/null | grep -E 'FAILED|INCOMPLETE' | head -n 1)
  [ -n "$probe_line" ] && printf 'unreachable no neighbour: %s\n' "$probe_line"
}

# probe_ping NUMBER TARGET BYTES SOURCE : BusyBox's ping cannot forbid fragments, and says so by its usage.
probe_ping() {
  probe_said=$RUN/probes/$1.said
  probe_sized=
  [ "$3" = - ] || probe_sized="-M do -s $(($3 - 28))"
  if ! command -v ping >/dev/null 2>&1; then
    echo "not-possible there is no ping on this machine" >"$RUN/probes/$1.answer"
    return
  fi
  # shellcheck disable=SC2086 # two options with their values
  ping -c 1 -W "$(probe_ping_seconds)" ${4:+-I "$4"} $probe_sized "$2" >"$probe_said.words" 2>&1
  if probe_saw answered 'bytes from.* time='; then :
  elif probe_saw too-big 'Frag needed|essage too long'; then :
  elif probe_saw unreachable '[Uu]nreachable|No route to host|rohibited|filtered|[Tt]ime.* exceeded'; then :
  elif probe_saw not-possible 'nvalid option|nrecognized option|Cannot assign|not permitted|[Pp]ermission denied|broadcast'; then :
  elif probe_neighbour "$2"; then :
  else
    probe_saw silent 'packet loss' || printf 'not-possible %s\n' "$(tail -n 1 "$probe_said.words" | tr -c '\040-\176' ' ')"
  fi >"$RUN/probes/$1.answer"
}

# probe_by_router : for the probes of RUN/probes/routed, a rule for exactly our tunnel address to the target, and a route by the LAN's router in a
# table of its own. Those that have them are left in RUN/probes/allowed, the others are answered here.
probe_by_router() {
  : >"$RUN/probes/allowed"
  lock routes
  probe_sweep
  while read -r probe_number probe_kind_ probe_protocol probe_target probe_port probe_bytes; do
    probe_router=$(probe_router_to "$probe_target")
    if [ -z "$probe_router" ]; then
      request_answer "$probe_number" not-possible "this machine knows no router on the way to $probe_target"
    elif [ "${probe_router% *}" = "$probe_target" ]; then
      request_answer "$probe_number" not-possible "$probe_target is the router itself"
    elif probe_route_made "$probe_target" "${probe_router% *}" "${probe_router#* }" 2>"$RUN/probes/error"; then
      printf '%s %s %s %s %s %s\n' "$probe_number" "$probe_kind_" "$probe_protocol" "$probe_target" "$probe_port" "$probe_bytes" >>"$RUN/probes/allowed"
    else
      request_answer "$probe_number" not-possible "a route by the router could not be made: $(head -n 1 "$RUN/probes/error")"
    fi
  done <"$RUN/probes/routed"
  unlock routes
}

# probe_route_made TARGET ROUTER DEVICE : two probes may have the same target.
probe_route_made() {
  ip -4 route replace "$1/32" via "$2" dev "$3" table "$PROBE_TABLE" || return 1
  ip -4 rule show pref "$PROBE_RULE" | grep -qF " to $1 " || ip -4 rule add pref "$PROBE_RULE" from "$desired_address/32" to "$1/32" lookup "$PROBE_TABLE"
}

# probe_router_to TARGET : prints `ADDRESS DEVICE`: the next hop to it, or, on its own segment, the one of the routes by that device; the default
# route comes first among them.
probe_router_to() {
  probe_device=$(ip -4 route get "$1" 2>/dev/null | awk '{ for (i = 1; i < NF; i++) if ($i == "dev") print $(i + 1) }' | head -n 1)
  case $probe_device in '' | lo | causeway[0-9]) return ;; esac
  {
    ip -4 route get "$1"
    ip -4 route show table main dev "$probe_device"
  } 2>/dev/null | awk -v device="$probe_device" '{ for (i = 1; i < NF; i++) if ($i == "via" && $(i + 1) ~ /^[0-9.]+$/) { print $(i + 1), device; exit } }'
}

# probe_sweep : also what a killed agent left; both are nobody else's numbers.
probe_sweep() {
  while ip -4 rule del pref "$PROBE_RULE" lookup "$PROBE_TABLE" 2>/dev/null; do :; done
  ip -4 route flush table "$PROBE_TABLE" 2>/dev/null || true
}
