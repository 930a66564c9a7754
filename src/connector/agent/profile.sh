# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The tunnel's profile comes from the controller, and openvpn reads it as root: so it is rewritten word by word from a list of what
# it may say. Whatever is not on the list (up, down, plugin, script-security, log, iproute, config, and what openvpn may learn in
# later versions) refuses the whole profile, and the last good one stays in use.

# vet_profile FILE > VETTED : returns 1 and prints the reason on standard error.
vet_profile() {
  awk '
    function refuse(reason) { print "line " NR ": " reason | "cat 1>&2"; failed = 1; exit 1 }
    BEGIN {
      split("client pull tls-client nobind remote-random auth-nocache push-peer-info", flags, " ")
      for (i in flags) bare[flags[i]] = 1
      word = "^[A-Za-z0-9_.:+/-]+$"
      split("proto remote server-poll-timeout connect-timeout connect-retry connect-retry-max resolv-retry remote-cert-tls " \
        "tls-version-min data-ciphers data-ciphers-fallback cipher auth auth-retry reneg-sec hand-window tran-window keepalive ping ping-restart " \
        "explicit-exit-notify mssfix tun-mtu verb verify-x509-name allow-compression topology", named, " ")
      for (i in named) worded[named[i]] = 1
      # Ours to say, whatever the profile says about them.
      split("dev dev-type cert key persist-tun persist-key verb user group", own, " ")
      for (i in own) ours[own[i]] = 1
    }
    { sub(/\r$/, "") }
    block == "ca" || block == "tls-crypt-v2" || block == "tls-crypt" {
      if ($0 == "</" block ">") { block = ""; print; next }
      if ($0 !~ /^[A-Za-z0-9+\/=# .:_-]*$/) refuse("a character that does not belong into <" block ">")
      print; next
    }
    block == "cert" || block == "key" {
      if ($0 == "</" block ">") block = ""
      next
    }
    /^[ \t]*([#;].*)?$/ { next }
    /^<(ca|tls-crypt-v2|tls-crypt)>$/ { block = substr($0, 2, length($0) - 2); print; next }
    /^<(cert|key)>$/ { block = substr($0, 2, length($0) - 2); next }
    /^<\/?connection>$/ { print; next }
    {
      # The vendor clients read names and settings of their own from setenv; here they mean nothing, and `setenv opt X` hides an X.
      if ($1 == "setenv") {
        if ($2 == "opt") refuse("setenv opt is not allowed")
        next
      }
      if ($0 !~ /^[\t -~]*$/) refuse("a character that does not belong into a directive")
      if ($1 in ours) next
      if ($1 in bare) { if (NF != 1) refuse($1 " takes no value"); print; next }
      if (!($1 in worded)) refuse("directive \"" substr($1, 1, 40) "\" is not allowed in a profile")
      for (i = 2; i <= NF; i++) if ($i !~ word) refuse("value of " $1 " has a character that is not allowed")
      print
    }
    END { if (!failed && block != "") { print "cut off inside <" block ">" | "cat 1>&2"; exit 1 } if (failed) exit 1 }
  ' "$1"
}

# fetch_profile : when the desired state names another profile than the one held. Keeps the old one on any failure.
fetch_profile() {
  if [ -s "$STATE/profile" ] && [ "$(cat "$STATE/profile-hash" 2>/dev/null)" = "$desired_profile" ]; then return; fi
  request GET "$AGENT_API/profile" '' "$RUN/profile" 30
  if [ "$http_status" != 200 ]; then
    problem "profile-not-fetched $(request_failure "$RUN/profile"); the agent tries again"
  elif ! vet_profile "$RUN/profile" >"$RUN/profile.vetted" 2>"$RUN/profile-refused"; then
    problem "profile-refused $(head -n 1 "$RUN/profile-refused"); the profile before it stays in use"
  elif ! grep -q '^remote ' "$RUN/profile.vetted"; then
    problem "profile-refused it names no remote; the profile before it stays in use"
  elif keep "$STATE/profile" <"$RUN/profile.vetted" && printf '%s\n' "$desired_profile" | keep "$STATE/profile-hash"; then
    rm -f "$RUN/gateway-addresses"
    keep_profile_ca
  fi
  rm -f "$RUN/profile" "$RUN/profile".*
}

# keep_profile_ca : while the controller renews its CA, the profile names both. The controller is believed by the same, if it has a CA of its own.
keep_profile_ca() {
  [ -n "$CAUSEWAY_CA" ] || return 0
  awk '/^<ca>$/ { inside = 1; next } /^<\/ca>$/ { inside = 0 } inside' "$STATE/profile" >"$RUN/profile.ca"
  if cmp -s "$RUN/profile.ca" "$STATE/ca.pem" || ! openssl x509 -in "$RUN/profile.ca" -noout 2>/dev/null; then return 0; fi
  if keep "$STATE/ca.pem" <"$RUN/profile.ca"; then say "the controller renews its CA: what it says is believed from now on"; fi
}

# tunnel_configuration DEVICE : prints openvpn's configuration. Keys are read before openvpn gives its rights up and kept for its own
# restarts (persist-key); nothing that the gateway pushes is applied by openvpn (noexec): the agent does that. It says so in its peer
# info: without that word the gateway takes us for a client that must connect again to learn a route.
tunnel_configuration() {
  cat "$STATE/profile"
  cat <<END
setenv UV_CAUSEWAY_AGENT 1
ignore-unknown-option disable-dco
disable-dco
dev $1
dev-type tun
ifconfig-noexec
route-noexec
script-security 0
persist-tun
persist-key
cert $STATE/certificate.pem
key $STATE/key.pem
user $(tunnel_user)
writepid $RUN/$1.pid
status $RUN/$1.status 10
log-append $RUN/$1.log
verb 3
END
  # Asked for, since the group of nobody is `nogroup` on some distributions and `nobody` on others.
  printf 'group %s\n' "$(id -gn "$(tunnel_user)")"
}

# find_gateways : keeps where the tunnel's packets and those to the controller go, for the routes that must not cover them; names are looked
# up now and then. What was found before is kept when nothing is found now.
find_gateways() {
  if ! [ -s "$STATE/profile" ]; then return; fi
  if [ -s "$RUN/gateway-addresses" ] && [ -z "$(find "$RUN/gateway-addresses" -mmin +10)" ]; then return; fi
  gateway_addresses >"$RUN/gateway-addresses.new"
  if [ -s "$RUN/gateway-addresses.new" ]; then mv "$RUN/gateway-addresses.new" "$RUN/gateway-addresses"; else touch "$RUN/gateway-addresses"; fi
}

# gateway_addresses : prints one address a line.
gateway_addresses() {
  gateway_controller=${CAUSEWAY_URL#https://}
  {
    awk '$1 == "remote" { print $2 }' "$STATE/profile"
    case $gateway_controller in \[*) ;; *) printf '%s\n' "${gateway_controller%%[:/]*}" ;; esac
    [ -z "$desired_handover" ] || printf '%s\n' "${desired_handover% *}"
  } | sort -u | while read -r gateway_name; do addresses_of "$gateway_name"; done | sort -u
}

# addresses_of NAME : prints its addresses, IPv4 and IPv6; an address is its own.
addresses_of() {
  case $1 in
    *:*) echo "$1" ;;
    *)
      if address_number "$1"; then
        echo "$1"
      elif command -v getent >/dev/null 2>&1; then
        getent ahosts "$1" 2>/dev/null | awk '{ print $1 }' | sort -u
      else
        nslookup "$1" 2>/dev/null | awk 'answer && /^Address/ { print $NF } /^Name:/ { answer = 1 }'
      fi
      ;;
  esac
}
