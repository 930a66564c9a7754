# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Other owners of the forward path. An accept in our own table does not undo a drop in another, so each owner is asked in its own
# way: Docker's DOCKER-USER chain, ufw's route rules, a firewalld zone and policies. What is nobody's known place is not touched but
# reported with its name. Every rule of ours carries the comment, by which uninstall finds it.

FIREWALL_COMMENT=causeway-connector

# firewalls_apply : each pass; the quick look (chains) is by nft, the slow commands of ufw and firewalld run only when it finds them
# active without our rules.
firewalls_apply() {
  : >"$RUN/firewalls.new"
  firewall_docker
  firewall_ufw
  firewall_firewalld
  firewall_drops
  mv "$RUN/firewalls.new" "$RUN/firewalls"
}

firewall_note() { printf '%s\n' "$*" >>"$RUN/firewalls.new"; }

# Docker keeps DOCKER-USER through its own restarts and evaluates it first: the place that its documentation gives for this.
firewall_docker() {
  if nft list chain ip filter DOCKER-USER >"$RUN/docker-user" 2>/dev/null; then
    for docker_side in iifname oifname; do
      if ! grep "$docker_side \"$DEVICE_PATTERN\"" "$RUN/docker-user" | grep -q accept; then
        nft insert rule ip filter DOCKER-USER "$docker_side" "\"$DEVICE_PATTERN\"" counter accept comment "\"$FIREWALL_COMMENT\"" 2>"$RUN/docker-error" ||
          problem "docker-blocks Docker's DOCKER-USER chain does not take our accept: $(head -n 1 "$RUN/docker-error")"
      fi
    done
    firewall_note "docker nft DOCKER-USER accepts $DEVICE_PATTERN"
  fi
  if legacy_in_use && iptables-legacy -n -L DOCKER-USER >/dev/null 2>&1; then
    for docker_side in -i -o; do
      iptables-legacy -C DOCKER-USER "$docker_side" causeway+ -j ACCEPT 2>/dev/null || iptables-legacy -I DOCKER-USER "$docker_side" causeway+ -j ACCEPT ||
        problem "docker-blocks Docker's DOCKER-USER chain (iptables-legacy) does not take our accept"
    done
    firewall_note "docker legacy DOCKER-USER accepts $DEVICE_PATTERN"
  fi
}

# (Files in /proc have no size.)
legacy_in_use() { [ -n "$(cat /proc/net/ip_tables_names 2>/dev/null)" ] && command -v iptables-legacy >/dev/null 2>&1; }

# ufw is active when its chains are loaded. Its own command keeps the rules in its files, so they come back with it.
firewall_ufw() {
  command -v ufw >/dev/null 2>&1 || return 0
  if ! { nft list chain ip filter ufw-user-forward || { legacy_in_use && iptables-legacy -S ufw-user-forward; }; } >"$RUN/ufw" 2>/dev/null; then return 0; fi
  # Both devices, before the one is used: a hand-over does not wait for ufw.
  for firewall_device in $DEVICES; do
    if ! grep -q "$firewall_device" "$RUN/ufw"; then
      if ufw route allow in on "$firewall_device" comment "$FIREWALL_COMMENT" >"$RUN/ufw-error" 2>&1 &&
        ufw route allow out on "$firewall_device" comment "$FIREWALL_COMMENT" >>"$RUN/ufw-error" 2>&1; then
        echo asked >"$STATE/restore/ufw"
        say "ufw: route allowed in and out on $firewall_device"
      else
        problem "ufw-blocks ufw is active and refused 'ufw route allow in on $firewall_device': $(head -n 1 "$RUN/ufw-error")"
      fi
    fi
  done
  firewall_note "ufw active, route allowed on $DEVICES"
}

# Only the forward path is opened: what comes from the tunnel to the machine itself stays subject to the zone's default.
firewall_firewalld() {
  command -v firewall-cmd >/dev/null 2>&1 || return 0
  if ! nft list table inet firewalld >"$RUN/firewalld" 2>/dev/null && ! legacy_in_use; then return 0; fi
  if ! firewall-cmd --state >/dev/null 2>&1; then return 0; fi
  firewalld_lacks=''
  for firewall_device in $DEVICES; do
    [ "$(firewall-cmd --get-zone-of-interface="$firewall_device" 2>/dev/null)" = causeway ] || firewalld_lacks=$firewall_device
  done
  if [ -n "$firewalld_lacks" ]; then
    if firewalld_permanent >"$RUN/firewalld-error" 2>&1; then
      say "firewalld: zone causeway for $DEVICES, policies causeway-in and causeway-out"
    else
      problem "firewalld-blocks firewalld is running and refused our zone: $(tail -n 1 "$RUN/firewalld-error")"
    fi
  fi
  firewall_note "firewalld running, zone causeway holds $DEVICES"
}

firewalld_permanent() {
  echo asked >"$STATE/restore/firewalld"
  firewall-cmd --permanent --get-zones | tr ' ' '\n' | grep -qx causeway || firewall-cmd --permanent --new-zone=causeway || return 1
  for firewall_device in $DEVICES; do
    firewall-cmd --permanent --zone=causeway --add-interface="$firewall_device" || return 1
  done
  for firewalld_policy in causeway-in causeway-out; do
    firewall-cmd --permanent --get-policies | tr ' ' '\n' | grep -qx "$firewalld_policy" || firewall-cmd --permanent --new-policy="$firewalld_policy" || return 1
    firewall-cmd --permanent --policy="$firewalld_policy" --set-target=ACCEPT || return 1
  done
  # --add-… of what is there already answers ALREADY_ENABLED with success.
  firewall-cmd --permanent --policy=causeway-in --add-ingress-zone=causeway && firewall-cmd --permanent --policy=causeway-in --add-egress-zone=ANY &&
    firewall-cmd --permanent --policy=causeway-out --add-ingress-zone=ANY && firewall-cmd --permanent --policy=causeway-out --add-egress-zone=causeway &&
    firewall-cmd --reload
}

# firewall_drops : names each chain on the forward hook whose policy is drop, or that ends in a reject, and that nobody above opened.
firewall_drops() {
  nft list chains 2>/dev/null | awk '
    $1 == "table" { table = $2 " " $3 }
    $1 == "chain" { chain = $2 }
    /hook forward/ && /policy drop/ { print table " " chain }' >"$RUN/drops"
  while read -r drop_family drop_table drop_chain; do
    nft list chain "$drop_family" "$drop_table" "$drop_chain" >"$RUN/drop" 2>/dev/null || continue
    if grep -qE "jump DOCKER-USER|ufw-|iifname \"causeway[*].*accept" "$RUN/drop"; then continue; fi
    problem "forward-dropped nft chain $drop_family $drop_table $drop_chain drops what is forwarded; accept iifname \"$DEVICE_PATTERN\" and oifname \"$DEVICE_PATTERN\" in it"
    firewall_note "drop $drop_family $drop_table $drop_chain"
  done <"$RUN/drops"
  if legacy_in_use; then
    firewall_note "iptables-legacy tables: $(tr '\n' ' ' </proc/net/ip_tables_names)"
    if iptables-legacy -S FORWARD 2>/dev/null | grep -qx -e '-P FORWARD DROP' && ! iptables-legacy -n -L DOCKER-USER >/dev/null 2>&1 &&
      ! iptables-legacy -S FORWARD | grep -q 'causeway+.*ACCEPT'; then
      problem "forward-dropped iptables-legacy's FORWARD policy is DROP; run: iptables-legacy -I FORWARD -i causeway+ -j ACCEPT; iptables-legacy -I FORWARD -o causeway+ -j ACCEPT"
    fi
  fi
}

# firewalls_remove : takes back what the functions above asked for.
firewalls_remove() {
  nft -a list chain ip filter DOCKER-USER 2>/dev/null | grep "comment \"$FIREWALL_COMMENT\"" | sed 's/.*# handle //' | while read -r remove_handle; do
    nft delete rule ip filter DOCKER-USER handle "$remove_handle" || say "could not remove our rule from DOCKER-USER"
  done
  if legacy_in_use; then
    for docker_side in -i -o; do iptables-legacy -D DOCKER-USER "$docker_side" causeway+ -j ACCEPT 2>/dev/null || true; done
  fi
  if [ -e "$STATE/restore/ufw" ] && command -v ufw >/dev/null 2>&1; then
    for firewall_device in $DEVICES; do
      ufw route delete allow in on "$firewall_device" >/dev/null || say "could not remove our ufw rule: ufw route delete allow in on $firewall_device"
      ufw route delete allow out on "$firewall_device" >/dev/null || say "could not remove our ufw rule: ufw route delete allow out on $firewall_device"
    done
  fi
  if [ -e "$STATE/restore/firewalld" ] && command -v firewall-cmd >/dev/null 2>&1; then
    firewall-cmd --permanent --delete-policy=causeway-in >/dev/null || true
    firewall-cmd --permanent --delete-policy=causeway-out >/dev/null || true
    firewall-cmd --permanent --delete-zone=causeway >/dev/null || say "could not remove the firewalld zone causeway"
    firewall-cmd --reload >/dev/null || true
  fi
}
