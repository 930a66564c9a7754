# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Fixes that a person has confirmed (`causeway doctor --fix`). A closed list; names and values are checked here whatever the controller
# says. What was there before is kept in STATE/restore, so that uninstall can put it back.
#   sysctl NAME VALUE                 now, and in FIXES_FILE for the time after a reboot
#   accept-forward FAMILY TABLE CHAIN an accept for our devices at the top of a chain that drops what is forwarded
#   forget-flows                      what nobody answers, so that it begins anew

# actions_run : reads RUN/asked; answers each action with `done` or `failed` and what was done.
actions_run() {
  sed -n 's/^act //p' "$RUN/asked" >"$RUN/actions"
  while read -r action_number action_kind action_first action_second action_third action_more; do
    action_words=
    action_result=failed
    case $action_kind:$action_more in
      sysctl:) act_sysctl "$action_first" "$action_second" && action_result="done" ;;
      accept-forward:) act_accept_forward "$action_first" "$action_second" "$action_third" && action_result="done" ;;
      forget-flows:) act_forget_flows && action_result="done" ;;
      *) action_words="this version of the connector does not know what is asked for" ;;
    esac
    say "fix asked for by the controller: $action_kind $action_first $action_second $action_third: $action_result: $action_words"
    request_answer "$action_number" "$action_result" "$action_words"
  done <"$RUN/actions"
}

# act_sysctl NAME VALUE
act_sysctl() {
  if ! act_sysctl_known "$1" "$2"; then
    action_words="the setting and its value are not among those that a connector changes"
    return 1
  fi
  if [ -e "$STATE/keep-sysctl" ]; then
    action_words="this connector was installed with --keep-sysctl: change $1 with what manages the settings of this machine"
    return 1
  fi
  action_before=$(sysctl_value "$1")
  if ! grep -qs "^$1 " "$STATE/restore/sysctl"; then
    { cat "$STATE/restore/sysctl" 2>/dev/null; printf '%s %s\n' "$1" "$action_before"; } | keep "$STATE/restore/sysctl" || return 1
  fi
  if ! write_sysctl "$1" "$2"; then
    action_words="$1 is $action_before and may not be written here (a container?); set it on the host"
    return 1
  fi
  action_words="$1 was $action_before and is $2"
  # The form with slashes: names of interfaces may have dots.
  if ! { { mkdir -p "${FIXES_FILE%/*}" && grep -vs "^$1 =" "$FIXES_FILE"; [ -s "$FIXES_FILE" ] || fixes_title; printf '%s = %s\n' "$1" "$2"; } | keep "$FIXES_FILE" 0644; }; then
    action_words="$action_words until the next reboot: $FIXES_FILE could not be written"
  fi
}

fixes_title() { echo '# Causeway connector: fixes that were confirmed. Removed by: causeway-connector uninstall'; }

# act_sysctl_known NAME VALUE : only those, and only towards forwarding: nothing that closes, and nothing else.
act_sysctl_known() {
  case $1 in
    *..* | *[!A-Za-z0-9_./@-]*) return 1 ;;
    net/ipv4/conf/*/*/* | net/ipv6/conf/*/*/*) return 1 ;;
  esac
  case $1:$2 in
    net/ipv4/ip_forward:1 | net/ipv6/conf/all/forwarding:1) ;;
    net/ipv4/conf/*/forwarding:1 | net/ipv4/conf/*/rp_filter:[02] | net/ipv6/conf/*/accept_ra:2) ;;
    *) return 1 ;;
  esac
  [ -f "/proc/sys/$1" ]
}

# act_accept_forward FAMILY TABLE CHAIN : kept by fixes_apply while the chain exists. Only where nothing but forwarded packets come by: elsewhere
# the accept would open this machine itself.
act_accept_forward() {
  case $1 in ip | ip6 | inet) ;; *) action_words="the family is none of ip, ip6 and inet" && return 1 ;; esac
  case $2$3 in '' | *[!A-Za-z0-9_.-]*) action_words="the name of the table or of the chain has other characters than letters, digits and . _ -" && return 1 ;; esac
  case $2:$3 in "$NFT_TABLE":* | :* | *:) action_words="that is not a table of other software" && return 1 ;; esac
  if ! accept_possible "$1" "$2" "$3"; then
    action_words="there is no chain $3 in the table $1 $2 that only forwarded packets come to"
    return 1
  fi
  if accept_held "$1" "$2" "$3"; then
    action_words="$1 $2 $3 accepts $DEVICE_PATTERN already"
  elif ! accept_insert "$1" "$2" "$3"; then
    action_words="nft refused it: $(head -n 1 "$RUN/accept-error")"
    return 1
  else
    action_words="$1 $2 $3 accepts $DEVICE_PATTERN, in and out"
  fi
  if ! grep -qsxF "$1 $2 $3" "$STATE/restore/accept-forward"; then
    { cat "$STATE/restore/accept-forward" 2>/dev/null; printf '%s %s %s\n' "$1" "$2" "$3"; } | keep "$STATE/restore/accept-forward" || return 1
  fi
}

# accept_possible FAMILY TABLE CHAIN : the chain, and every one from which it is called, has the hook forward or none, and one of them has it. Who
# calls by a named map is not to be seen.
accept_possible() {
  nft -s list table "$1" "$2" 2>/dev/null | awk -v wanted="$3" '
    $1 == "chain" && $3 == "{" { chain = $2; known[chain] = 1; next }
    $1 ~ /^(set|map|flowtable)$/ && $NF == "{" { chain = "" }
    $1 == "type" && $3 == "hook" { hook[chain] = $2 " " $4 }
    {
      for (i = 1; i < NF; i++) {
        if ($i != "jump" && $i != "goto") continue
        called = $(i + 1)
        gsub(/[,;}]/, "", called)
        if (chain == "") mapped[called] = 1; else callers[called] = callers[called] " " chain
      }
    }
    END {
      if (!(wanted in known)) exit 1
      seen[wanted] = 1
      queue[count = 1] = wanted
      for (next_ = 1; next_ <= count; next_++) {
        chain = queue[next_]
        if (chain in mapped) exit 1
        if (chain in hook) { if (hook[chain] != "filter forward") exit 1; forwards = 1 }
        many = split(callers[chain], caller, " ")
        for (i = 1; i <= many; i++) if (!(caller[i] in seen)) { seen[caller[i]] = 1; queue[++count] = caller[i] }
      }
      exit !forwards
    }'
}

accept_held() {
  [ "$(nft list chain "$1" "$2" "$3" 2>/dev/null | grep -cE "[io]ifname \"causeway[*]\".* accept comment \"$FIREWALL_COMMENT\"")" -ge 2 ]
}

# In one transaction: both, or none.
accept_insert() {
  for accept_side in oifname iifname; do
    printf 'insert rule %s %s %s %s "%s" counter accept comment "%s"\n' "$1" "$2" "$3" "$accept_side" "$DEVICE_PATTERN" "$FIREWALL_COMMENT"
  done | nft -f - 2>"$RUN/accept-error"
}

# fixes_apply : each pass: other software loads its rules again and again.
fixes_apply() {
  [ -s "$STATE/restore/accept-forward" ] || return 0
  while read -r fix_family fix_table fix_chain; do
    if ! accept_held "$fix_family" "$fix_table" "$fix_chain" && accept_possible "$fix_family" "$fix_table" "$fix_chain"; then
      accept_remove "$fix_family" "$fix_table" "$fix_chain"
      accept_insert "$fix_family" "$fix_table" "$fix_chain" || true
    fi
  done <"$STATE/restore/accept-forward"
}

accept_remove() {
  nft -a list chain "$1" "$2" "$3" 2>/dev/null | grep "comment \"$FIREWALL_COMMENT\"" | sed 's/.*# handle //' | while read -r accept_handle; do
    nft delete rule "$1" "$2" "$3" handle "$accept_handle" || say "could not remove our rule from $1 $2 $3"
  done
}

# fixes_restore : for uninstall. Settings last to first: a switch of all interfaces may have been changed after the one of a single one.
fixes_restore() {
  rm -f "$FIXES_FILE" "$FIXES_FILE.new"
  if [ -s "$STATE/restore/sysctl" ]; then
    sed -n '1!G;h;$p' "$STATE/restore/sysctl" | while read -r fix_name fix_value; do
      write_sysctl "$fix_name" "$fix_value" || say "could not set $fix_name back to $fix_value"
    done
  fi
  if [ -s "$STATE/restore/accept-forward" ]; then
    while read -r fix_family fix_table fix_chain; do accept_remove "$fix_family" "$fix_table" "$fix_chain"; done <"$STATE/restore/accept-forward"
  fi
}

# act_forget_flows : flows from tunnel addresses that nobody has answered: they keep the NAT, or the lack of it, with which they began.
act_forget_flows() {
  if ! command -v conntrack >/dev/null 2>&1; then
    action_words="there is no conntrack on this machine; install conntrack (conntrack-tools)"
    return 1
  fi
  {
    for flows_prefix in $desired_ranges $desired_routes; do echo "overlay $flows_prefix"; done
    conntrack -L 2>/dev/null | grep UNREPLIED
  } | flows_unanswered >"$RUN/flows"
  while read -r flows_source flows_destination flows_protocol flows_more; do
    # shellcheck disable=SC2086 # options with their values
    conntrack -D -s "$flows_source" -d "$flows_destination" -p "$flows_protocol" $flows_more >/dev/null 2>&1 || true
  done <"$RUN/flows"
  action_words="$(($(wc -l <"$RUN/flows"))) flows without an answer are forgotten"
}

# flows_unanswered : reads `overlay PREFIX` and lines of conntrack; prints `SOURCE DESTINATION PROTOCOL OPTIONS` for each whose source is in one
# of the prefixes.
flows_unanswered() {
  awk "$PREFIX_AWK"'
    $1 == "overlay" { prefix[++prefixes] = $2; next }
    {
      source = destination = options = ""
      for (i = 2; i <= NF; i++) {
        if ($i ~ /^src=/ && source == "") source = substr($i, 5)
        if ($i ~ /^dst=/ && destination == "") destination = substr($i, 5)
        if ($i ~ /^sport=/ && options == "") options = "--sport " substr($i, 7)
        if ($i ~ /^dport=/ && options !~ /dport/) options = options " --dport " substr($i, 7)
        if ($i ~ /^id=/ && options == "") options = "--icmp-id " substr($i, 4)
      }
      if (source !~ /^[0-9.]+$/ || destination !~ /^[0-9.]+$/ || $1 !~ /^(tcp|udp|icmp)$/) next
      for (i = 1; i <= prefixes; i++)
        if (inside(source, prefix[i])) { print source, destination, $1, options; next }
    }'
}
