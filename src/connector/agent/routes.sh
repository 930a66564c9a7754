# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Address and routes of the tunnel device. The plan is made from what the kernel holds, adds come before deletes, and only routes
# with our protocol number are ever deleted.

# routes_wanted : sets routes_wanted, leaving out each prefix that would cut this machine off, with a problem that says so.
routes_wanted() {
  routes_wanted=
  read_own_network
  for routes_prefix in $desired_ranges $desired_routes; do
    if route_harmless "$routes_prefix"; then routes_wanted="$routes_wanted $routes_prefix"; fi
  done
  for routes_prefix in $desired_foreign; do
    problem "route-unsupported $routes_prefix is IPv6, which this version of the connector does not route"
  done
}

# read_own_network : what must stay reachable without the tunnel. own_connected: `PREFIX:DEVICE` of every other interface;
# own_uplinks: devices with a default route; own_hops: next hops; own_underlay: addresses of gateways and controller.
read_own_network() {
  own_connected='' own_uplinks='' own_hops='' own_underlay=''
  ip -4 route show table main >"$RUN/routes-main"
  while read -r own_destination own_rest; do
    own_device=${own_rest##*dev }
    own_device=${own_device%% *}
    # shellcheck disable=SC2254 # a pattern on purpose
    case $own_device in $DEVICE_PATTERN) continue ;; esac
    case " $own_rest " in
      *' via '*)
        own_hop=${own_rest##*via }
        own_hops="$own_hops ${own_hop%% *}"
        ;;
      *' scope link '*)
        case $own_destination in */*) ;; default) continue ;; *) own_destination=$own_destination/32 ;; esac
        own_connected="$own_connected $own_destination:$own_device"
        ;;
    esac
    if [ "$own_destination" = default ]; then own_uplinks="$own_uplinks $own_device"; fi
  done <"$RUN/routes-main"
  own_underlay=$(cat "$RUN/gateway-addresses" "$RUN/controller-address" 2>/dev/null || true)
}

route_harmless() {
  for own_entry in $own_connected; do
    own_prefix=${own_entry%%:*} own_device=${own_entry#*:}
    if prefix_inside "$1" "$own_prefix"; then
      problem "route-refused $1 lies in $own_prefix, which is connected at $own_device of this machine; give one of them another prefix"
      return 1
    fi
    case " $own_uplinks " in
      *" $own_device "*)
        if prefix_inside "$own_prefix" "$1"; then
          problem "route-refused $1 covers $own_prefix, this machine's own LAN at $own_device; split the prefix around it"
          return 1
        fi
        ;;
    esac
  done
  for own_hop in $own_hops; do
    if address_inside "$own_hop" "$1"; then
      problem "route-refused $1 covers the next hop $own_hop of this machine; split the prefix around it"
      return 1
    fi
  done
  for own_hop in $own_underlay; do
    if address_inside "$own_hop" "$1"; then
      problem "route-refused $1 covers $own_hop, by which the tunnel itself or the controller is reached; split the prefix around it"
      return 1
    fi
  done
  for own_prefix in $desired_local; do
    if prefix_inside "$1" "$own_prefix"; then
      problem "route-refused $1 lies in $own_prefix, which this network itself serves"
      return 1
    fi
  done
}

# routes_held DEVICE : prints our routes, one prefix a line.
routes_held() {
  ip -4 route show table main dev "$1" proto "$PROTOCOL" | while read -r held_prefix _; do
    case $held_prefix in */*) echo "$held_prefix" ;; *) echo "$held_prefix/32" ;; esac
  done
}

addresses_held() { ip -4 -o addr show dev "$1" | awk '{ print $4 }'; }

# routes_plan DEVICE : prints the batch that leads from what the kernel holds to what is wanted; nothing when they are equal.
routes_plan() {
  plan_addresses=" $(addresses_held "$1" | tr '\n' ' ')"
  plan_routes=" $(routes_held "$1" | tr '\n' ' ')"
  case $plan_addresses in *" $desired_address/32 "*) ;; *) echo "addr add $desired_address/32 dev $1" ;; esac
  for plan_prefix in $routes_wanted; do
    # add and not replace: replace would take over a route of the same prefix that somebody else made.
    case $plan_routes in *" $plan_prefix "*) ;; *) echo "route add $plan_prefix dev $1 proto $PROTOCOL" ;; esac
  done
  for plan_prefix in $plan_routes; do
    case " $routes_wanted " in *" $plan_prefix "*) ;; *) echo "route del $plan_prefix dev $1 proto $PROTOCOL" ;; esac
  done
  for plan_prefix in $plan_addresses; do
    [ "$plan_prefix" = "$desired_address/32" ] || echo "addr del $plan_prefix dev $1"
  done
}

# routes_apply DEVICE : one batch; what the kernel refused is a problem and the rest stands.
routes_apply() {
  routes_wanted
  routes_plan "$1" >"$RUN/routes-batch"
  if ! [ -s "$RUN/routes-batch" ]; then return; fi
  ip -force -batch "$RUN/routes-batch" >/dev/null 2>"$RUN/routes-error" || true
  routes_now=" $(routes_held "$1" | tr '\n' ' ')"
  if [ "$routes_now" != "${routes_said-}" ]; then say "routes into the tunnel:$routes_now"; fi
  routes_said=$routes_now
  for routes_prefix in $routes_wanted; do
    case $routes_now in
      *" $routes_prefix "*) ;;
      *) problem "route-taken $routes_prefix cannot be routed into the tunnel: $(ip -4 route show table main exact "$routes_prefix" | head -n 1 | tr '\n' ' ')$(head -n 1 "$RUN/routes-error"); remove the other route" ;;
    esac
  done
}
