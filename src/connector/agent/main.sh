# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The command line. Every part only defines; the last line of the script calls main.

main() {
  set -u
  umask 077
  # Messages that are compared or read by the agent are in English; openssl, ip and nft print them in the locale.
  LC_ALL=C
  PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
  export LC_ALL PATH
  case ${1-} in
    run | enroll | setup | prepare-device | withdraw | uninstall | status) ;;
    *)
      printf 'usage: causeway-connector status | uninstall\n' >&2
      exit 2
      ;;
  esac
  [ "$(id -u)" = 0 ] || die "run this as root"
  mkdir -p "$STATE/restore" "$RUN/problems" || die "cannot write to $STATE and $RUN: is the disk full or read-only?"
  case $1 in
    run) run_agent ;;
    enroll) enroll ;;
    setup) setup "${2-}" ;;
    prepare-device)
      case ${2-} in causeway[0-9]) device_prepare "$2" ;; *) die "no such tunnel device: ${2-}" ;; esac
      ;;
    withdraw)
      find_device
      withdraw
      ;;
    uninstall)
      find_device
      uninstall
      ;;
    status) status ;;
  esac
}

# setup KIND : after enroll; makes the machine ready and starts the services. KIND none leaves starting to the caller.
setup() {
  [ -s "$STATE/credential" ] || die "not enrolled"
  make_tunnel_user
  forwarding_install
  [ -n "$PACKAGED" ] || { mkdir -p "${COMMAND%/*}" && ln -sf "$PROGRAM" "$COMMAND"; }
  service_install "$1"
}

status() {
  printf 'connector   %s\ncontroller  %s\n' "$(cat "$STATE/connector" 2>/dev/null || echo 'not enrolled')" "$CAUSEWAY_URL"
  if other_agent; then printf 'agent       running\n'; else printf 'agent       not running\n'; fi
  find_device
  if ! tunnel_pid "$DEVICE"; then
    printf 'tunnel      no openvpn process\n'
  elif [ -s "$RUN/$DEVICE.up" ]; then
    printf 'tunnel      up, the gateway answers\n'
  else
    printf 'tunnel      connecting; see %s\n' "$RUN/$DEVICE.log"
  fi
  printf 'device      %s\n' "$DEVICE"
  if [ -s "$RUN/$DEVICE.lane" ]; then printf 'lane        %s\n' "$(cat "$RUN/$DEVICE.lane")"; fi
  if handover_running; then
    printf 'hand-over   %s\n' "$(cat "$RUN/handover" 2>/dev/null)"
  elif [ -s "$RUN/handover-last" ]; then
    printf 'hand-over   last: %s\n' "$(cat "$RUN/handover-last")"
  fi
  if [ -s "$STATE/desired" ] && read_desired "$STATE/desired"; then
    printf 'address     %s\nnat         %s\ninternet    %s\negress      %s\nroutes     %s\n' "$desired_address" "$desired_nat" \
      "$desired_internet" "$desired_egress" "$desired_ranges$desired_routes"
  fi
  cat "$RUN/problems/"* 2>/dev/null | sed 's/^/problem     /'
}
