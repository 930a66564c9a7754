# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# The desired state, as src/contract/connector-agent.ts writes it. Nothing of it is used before all of it was read and checked: a
# state that was cut off, or that holds something else than addresses, prefixes and known words, changes nothing.

# read_desired FILE : sets desired_*; returns 1 and says why in desired_failure. Unknown words are left to newer agents.
read_desired() {
  desired_revision='' desired_address='' desired_ranges='' desired_routes='' desired_nat='' desired_local='' desired_state=''
  desired_gateway='' desired_profile='' desired_end='' desired_failure='' desired_foreign=''
  # What controllers of the first version do not say.
  desired_egress=no desired_internet=local desired_tunnel='' desired_handover=''
  while read -r desired_word desired_value desired_more; do
    if [ -n "$desired_end" ]; then desired_failure='text after its end'; fi
    case $desired_word in
      handover)
        if ! desired_take_handover "$desired_value" "$desired_more"; then desired_failure='bad value after handover'; fi
        ;;
      revision | address | gateway | nat | state | egress | internet | profile | tunnel | range | route | local)
        if [ -n "$desired_more" ] || ! desired_take "$desired_word" "$desired_value"; then
          desired_failure="bad value after $desired_word"
        fi
        ;;
      end) desired_end=yes ;;
    esac
  done <"$1"
  if [ -z "$desired_end" ]; then desired_failure='cut off'; fi
  for desired_value in "$desired_revision" "$desired_address" "$desired_nat" "$desired_state" "$desired_gateway" "$desired_profile"; do
    [ -n "$desired_value" ] || desired_failure=${desired_failure:-'a field is missing'}
  done
  [ -z "$desired_failure" ]
}

desired_take() {
  case $1 in
    revision)
      case $2 in '' | *[!0-9]*) return 1 ;; esac
      desired_revision=$2
      ;;
    address) address_number "$2" && desired_address=$2 ;;
    gateway) address_number "$2" && desired_gateway=$2 ;;
    nat)
      case $2 in masquerade | routed) desired_nat=$2 ;; *) return 1 ;; esac
      ;;
    state)
      case $2 in active | suspended) desired_state=$2 ;; *) return 1 ;; esac
      ;;
    egress)
      case $2 in yes | no) desired_egress=$2 ;; *) return 1 ;; esac
      ;;
    internet)
      case $2 in local | lan | machine) desired_internet=$2 ;; *) return 1 ;; esac
      ;;
    profile | tunnel)
      case $2 in '' | *[!0-9a-f]*) return 1 ;; esac
      case $1 in profile) desired_profile=$2 ;; tunnel) desired_tunnel=$2 ;; esac
      ;;
    range | route | local) desired_take_prefix "$1" "$2" ;;
  esac
}

# desired_take_handover HOST PORT : both become words of openvpn's configuration.
desired_take_handover() {
  case $1 in '' | [!0-9A-Za-z]* | *[!0-9A-Za-z.-]*) return 1 ;; esac
  case $2 in '' | 0* | *[!0-9]* | ??????*) return 1 ;; esac
  [ "$2" -le 65535 ] && desired_handover="$1 $2"
}

# An IPv6 prefix is valid, but not for this version of the agent: it is left out and reported, and the rest is applied.
desired_take_prefix() {
  case $2 in
    *[!0-9a-f:/.]*) return 1 ;;
    *:*/*) desired_foreign="$desired_foreign $2" && return 0 ;;
  esac
  prefix_is "$2" || return 1
  case $1 in
    range) desired_ranges="$desired_ranges $2" ;;
    route) desired_routes="$desired_routes $2" ;;
    local) desired_local="$desired_local $2" ;;
  esac
}
