# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# IPv4 addresses and prefixes as numbers. Only the canonical form is accepted: what is checked here may be written into commands.

# address_number A.B.C.D : sets number.
address_number() {
  case $1 in '' | *[!0-9.]* | .* | *. | *..*) return 1 ;; esac
  address_ifs=$IFS
  IFS=.
  # shellcheck disable=SC2086 # split at the dots; digits and dots cannot expand to anything else
  set -- $1
  IFS=$address_ifs
  [ $# -eq 4 ] || return 1
  for address_octet; do
    case $address_octet in
      [0-9] | [1-9][0-9] | 1[0-9][0-9] | 2[0-4][0-9] | 25[0-5]) ;;
      *) return 1 ;;
    esac
  done
  number=$((($1 << 24) | ($2 << 16) | ($3 << 8) | $4))
}

# prefix_bounds A.B.C.D/LENGTH : sets first and last; fails when bits of the host part are set.
prefix_bounds() {
  case $1 in */*/* | */) return 1 ;; */*) ;; *) return 1 ;; esac
  prefix_length=${1#*/}
  case $prefix_length in [0-9] | [12][0-9] | 3[0-2]) ;; *) return 1 ;; esac
  address_number "${1%/*}" || return 1
  first=$number
  last=$((number | ((1 << (32 - prefix_length)) - 1)))
  [ $((number & ((1 << (32 - prefix_length)) - 1))) -eq 0 ]
}

# prefix_inside INNER OUTER
prefix_inside() {
  prefix_bounds "$1" || return 1
  inner_first=$first inner_last=$last
  prefix_bounds "$2" || return 1
  [ "$first" -le "$inner_first" ] && [ "$last" -ge "$inner_last" ]
}

# address_inside ADDRESS PREFIX
address_inside() { prefix_inside "$1/32" "$2"; }
