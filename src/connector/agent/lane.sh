# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Which of the gateway's lanes a tunnel is connected to. openvpn says it in its log only: its socket is not connected.

# lane_note DEVICE : keeps `ADDRESS:PORT udp|tcp` in RUN/DEVICE.lane, before the log is trimmed.
lane_note() {
  awk '
    / link remote: \[AF_INET6?\]/ {
      kind = /TCP/ ? "tcp" : "udp"
      sub(/^.* link remote: \[AF_INET6?\]/, "")
      sub(/[ \r].*$/, "")
      lane = $0 " " kind
    }
    END { if (lane != "") print lane }' "$RUN/$1.log" >"$RUN/$1.lane.new" 2>/dev/null && [ -s "$RUN/$1.lane.new" ] && mv "$RUN/$1.lane.new" "$RUN/$1.lane"
}

# lane_is DEVICE HOST PORT udp|tcp : whether the tunnel is connected to that remote. Of a name, every address counts; where nothing is known
# it is taken for the same one.
lane_is() {
  is_lane='' is_kind=''
  # The braces: a missing file is the shell's own complaint, made before the command's redirections.
  { read -r is_lane is_kind <"$RUN/$1.lane"; } 2>/dev/null || return 0
  if [ "${is_lane##*:} $is_kind" != "$3 $4" ]; then return 1; fi
  is_addresses=$(addresses_of "$2")
  if [ -z "$is_addresses" ]; then return 0; fi
  printf '%s\n' "$is_addresses" | grep -qxF -e "${is_lane%:*}"
}

# lane_strayed DEVICE : it came up by another remote than the first: the lane of its own was away at that moment, or UDP is blocked here. On the
# shared lane it shares a daemon with others, and is no internet gateway.
lane_strayed() {
  lane_note "$1"
  # shellcheck disable=SC2046 # three words
  set -- "$1" $(first_remote)
  [ "$#" = 4 ] && ! lane_is "$@"
}

LANE_RETURN_PAUSE=${CAUSEWAY_LANE_RETURN_PAUSE:-30}
LANE_RETURN_PAUSE_MAX=600

lane_return_due() { [ "$(date +%s)" -ge "$(counter "$RUN/lane-return-next")" ]; }

# lane_return_failed : no problem to report: a site without UDP is well where it is.
lane_return_failed() {
  return_pause=$(counter "$RUN/lane-return-pause")
  return_pause=$((return_pause == 0 ? LANE_RETURN_PAUSE : return_pause * 2))
  [ "$return_pause" -le "$LANE_RETURN_PAUSE_MAX" ] || return_pause=$LANE_RETURN_PAUSE_MAX
  echo "$return_pause" >"$RUN/lane-return-pause"
  echo $(($(date +%s) + return_pause)) >"$RUN/lane-return-next"
}

# first_remote : prints `HOST PORT udp|tcp` of the profile's first remote; openvpn's own defaults where it does not say.
first_remote() {
  awk '
    $1 == "proto" { kind = $2 }
    $1 == "remote" && host == "" { host = $2; port = NF > 2 ? $3 : 1194; own = $4 }
    END { if (host != "") print host, port, ((own != "" ? own : kind) ~ /^tcp/ ? "tcp" : "udp") }' "$STATE/profile"
}
