# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# What of this machine's internet traffic goes into the tunnel, for the two modes in which some does: `lan` (internet-lan.sh: what comes
# from the LAN) and `machine` (internet-machine.sh: its own). Each says what routes and rules it wants, as ip prints them; here they are
# compared with what the kernel holds, added, and taken back. STATE/internet is there as long as something of it may be.
#
# What leads into the tunnel has an unreachable route of a worse metric beside it: when the device goes, traffic is refused at once
# instead of leaving by the local line. IPv6 is not carried, so that global addresses are refused the same way.

INTERNET_METRIC=1000
# What the kernel gives an IPv6 route without metric.
INTERNET_METRIC6=1024

internet_touched() { [ "$desired_internet" != local ] || [ -e "$STATE/internet" ]; }

# internet_prepare DEVICE : before the routes that need exceptions: adds what is wanted and not held.
internet_prepare() {
  if ! internet_touched; then return; fi
  : >"$STATE/internet"
  for internet_family in 4 6; do
    internet_main_routes "$internet_family" >"$RUN/internet-main-$internet_family"
    internet_table_routes "$internet_family" "$1" >"$RUN/internet-table-$internet_family"
    for internet_table in main table; do
      internet_held "$internet_family" "$internet_table" | internet_missing "$RUN/internet-$internet_table-$internet_family" |
        sed "s/.*/route replace & table $(internet_table_name "$internet_table") proto $PROTOCOL/" | internet_batch "$internet_family"
    done
  done
}

# internet_apply : after the routes: rules, and away with what is not wanted any more.
internet_apply() {
  if ! internet_touched; then return; fi
  for internet_family in 4 6; do
    internet_rules "$internet_family" >"$RUN/internet-rules-$internet_family"
    internet_rules_held "$internet_family" >"$RUN/internet-rules-held"
    {
      internet_missing "$RUN/internet-rules-$internet_family" <"$RUN/internet-rules-held" | sed "s/.*/rule add pref & protocol $PROTOCOL/"
      internet_missing "$RUN/internet-rules-held" <"$RUN/internet-rules-$internet_family" | sed "s/.*/rule del pref & protocol $PROTOCOL/"
    } | internet_batch "$internet_family"
    for internet_table in main table; do
      internet_held "$internet_family" "$internet_table" >"$RUN/internet-held"
      internet_missing "$RUN/internet-held" <"$RUN/internet-$internet_table-$internet_family" |
        sed "s/.*/route del & table $(internet_table_name "$internet_table") proto $PROTOCOL/" | internet_batch "$internet_family"
    done
  done
  if [ "$desired_internet" = local ]; then rm -f "$STATE/internet"; fi
}

internet_remove() {
  desired_internet=local
  internet_prepare "$DEVICE"
  internet_apply
}

# shellcheck disable=SC2153 # paths.sh sets it
internet_table_name() { case $1 in main) echo main ;; table) echo "$INTERNET_TABLE" ;; esac; }

# internet_missing WANTED : reads lines; prints those of the file WANTED that are not among them.
internet_missing() {
  { sed 's/^/held /' && sed 's/^/want /' "$1"; } | awk '{ line = substr($0, 6) } $1 == "held" { held[line] = 1; next } !(line in held) { print line }'
}

# internet_batch FAMILY : a replaced route cannot be deleted any more, so that failures are normal; what is missing is added by the next pass.
internet_batch() {
  cat >"$RUN/internet-batch"
  if ! [ -s "$RUN/internet-batch" ]; then return; fi
  if [ "$1" = 6 ] && ! [ -e /proc/net/if_inet6 ]; then return; fi
  if ! ip "-$1" -force -batch "$RUN/internet-batch" >/dev/null 2>"$RUN/internet-error" && grep -qE '^(route|rule) (add|replace) ' "$RUN/internet-batch"; then
    problem "internet-not-routed $(head -n 1 "$RUN/internet-error"), at: $(head -n 1 "$RUN/internet-batch")"
  fi
}

# internet_held FAMILY main|table : our routes but those by the tunnel that routes.sh owns, as the wanted ones are written:
# [unreachable] PREFIX [via ADDRESS] [dev DEVICE] [metric N].
internet_held() {
  ip "-$1" route show table "$(internet_table_name "$2")" proto "$PROTOCOL" 2>/dev/null | awk -v main="$2" '
    {
      typed = $1 == "unreachable"
      line = typed ? $1 " " $2 : $1
      device = ""
      for (i = 2; i < NF; i++) {
        if ($i == "via") line = line " via " $(i + 1)
        if ($i == "dev" && !typed) { device = $(i + 1); line = line " dev " device }
        if ($i == "metric") line = line " metric " $(i + 1)
      }
      if (main == "table" || device !~ /^causeway[0-9]/) print line
    }'
}

# internet_rules_held FAMILY : PREFERENCE from PREFIX iif DEVICE lookup TABLE [suppress_prefixlength N]
internet_rules_held() {
  ip "-$1" rule show 2>/dev/null | awk -v protocol="$PROTOCOL" '
    {
      line = substr($1, 1, length($1) - 1)
      ours = 0
      for (i = 2; i < NF; i++) {
        if ($i ~ /^(from|iif|lookup|suppress_prefixlength)$/) line = line " " $i " " $(i + 1)
        if ($i == "proto" && $(i + 1) == protocol) ours = 1
      }
      if (ours) print line
    }'
}

# The routes and rules of the mode that is wanted.
internet_main_routes() { if [ "$desired_internet" = machine ]; then internet_machine_exceptions "$1"; fi; }

internet_table_routes() { if [ "$desired_internet" = lan ]; then internet_lan_routes "$1" "$2"; fi; }

internet_rules() { if [ "$desired_internet" = lan ]; then internet_lan_rules "$1"; fi; }

internet_machine_routes() { if [ "$desired_internet" = machine ]; then printf 'take 0.0.0.0/1\ntake 128.0.0.0/1\n'; fi; }
