#!/bin/sh
# The first flow of Causeway with nothing but curl, the API and a stock OpenVPN (2.6 or newer): Bob reaches a server behind a connector.
#
#   remote-access.sh setup              anywhere: makes network, connector, group, user and device; writes hq.ovpn and bob.ovpn
#   remote-access.sh connector hq.ovpn  on a Linux machine in HQ, as root: forwarding, NAT, tunnel
#   remote-access.sh client bob.ovpn    on Bob's computer, as root
#
# setup reads: CAUSEWAY_URL  https://HOST[:PORT] of the ready line        CAUSEWAY_CA  the file DIR/ca.crt of the installation
#              CLIENT_ID, CLIENT_SECRET  from: causeway api-credential create --name walk-through
set -eu

# call METHOD PATH [JSON] : one call of the API. The token goes to curl by standard input, so that no other user of the machine sees it.
call() {
  printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl -fsS --cacert "$CAUSEWAY_CA" --config - -X "$1" ${3:+-H 'Content-Type: application/json' --data "$3"} "$CAUSEWAY_URL/api/v1$2"
}

# first FIELD : the first value of a field in the JSON on standard input. Enough for this walk-through; use jq in earnest.
first() { sed -n "s/^[^\"]*\"$1\":\"\([^\"]*\)\".*/\1/p; t; s/.*[{,]\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

setup() {
  umask 077
  token=$(printf 'user = "%s:%s"\n' "$CLIENT_ID" "$CLIENT_SECRET" |
    curl -fsS --cacert "$CAUSEWAY_CA" --config - --data '{"grant_type":"client_credentials"}' -H 'Content-Type: application/json' \
      "$CAUSEWAY_URL/api/v1/oauth/token" | first access_token)

  network=$(call POST /networks '{"name":"HQ Network","routes":[{"value":"10.0.0.0/18"}]}' | first id)
  connector=$(call POST "/networks/connectors?networkId=$network" '{"name":"hq-1","vpnRegionId":"eu-central-1"}' | first id)
  call POST "/networks/connectors/$connector/profile" >hq.ovpn

  group=$(call POST /user-groups '{"name":"Staff","internetAccess":"SPLIT_TUNNEL_ON","connectAuth":"NO_AUTH","maxDevice":3,"allRegionsIncluded":true}' | first id)
  user=$(call POST /users '{"username":"bob","email":"bob@example.com","firstName":"Bob","lastName":"Jones","role":"MEMBER","groupId":"'"$group"'"}' | first id)
  device=$(call POST "/devices?userId=$user" '{"name":"laptop"}' | first id)
  call POST "/devices/$device/profile?userId=$user&regionId=eu-central-1" >bob.ovpn

  printf 'hq.ovpn and bob.ovpn hold private keys: hand each to its machine and delete it here.\n'
}

# A Linux machine becomes a connector by three things: it forwards, it hides tunnel addresses behind its own (or the LAN's router
# has a static route for 100.96.0.0/11 to it), and it keeps the tunnel up.
connector() {
  sysctl -qw net.ipv4.ip_forward=1
  nft -f - <<'RULES'
table inet walk_through
delete table inet walk_through
table inet walk_through {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "tun0" return
    ip saddr 100.96.0.0/11 masquerade
  }
}
RULES
  exec openvpn --config "$1" --dev tun0
}

client() {
  exec openvpn --config "$1" --dev tun0
}

case ${1-} in
  setup) setup ;;
  connector | client) "$1" "${2:?which profile?}" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
