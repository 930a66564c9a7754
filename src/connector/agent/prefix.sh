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

# prefix_is A.B.C.D/LENGTH : fails when bits of the host part are set.
prefix_is() {
  case $1 in */*/* | */) return 1 ;; */*) ;; *) return 1 ;; esac
  prefix_length=${1#*/}
  case $prefix_length in [0-9] | [12][0-9] | 3[0-2]) ;; *) return 1 ;; esac
  address_number "${1%/*}" && [ $((number & ((1 << (32 - prefix_length)) - 1))) -eq 0 ]
}

# The same arithmetic for awk programs, which judge a thousand prefixes in the time in which the shell judges ten: put in front of them.
# No bits there, but every number up to 2^53 is exact; no powers either, which a small BusyBox lacks. An address counts as its /32.
PREFIX_AWK='
  function number(text, part) {
    split(text, part, "[./]")
    return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
  }
  function size_of_length(length_, bits) {
    if (!(length_ in sizes_)) for (sizes_[length_] = 1; bits < 32 - length_; bits++) sizes_[length_] *= 2
    return sizes_[length_]
  }
  function size(prefix) { return prefix ~ /\// ? size_of_length(substr(prefix, index(prefix, "/") + 1)) : 1 }
  function inside(inner, outer) {
    return number(inner) >= number(outer) && number(inner) + size(inner) <= number(outer) + size(outer)
  }
  function written(first, length_) {
    return int(first / 16777216) "." int(first / 65536) % 256 "." int(first / 256) % 256 "." first % 256 "/" length_
  }
'
