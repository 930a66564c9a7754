# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Files that are there whole or as they were: also when the disk is full, and when we are interrupted.

# keep FILE [MODE] : replaces it by standard input. Fails, and says so, when that could not be written.
keep() {
  if cat >"$1.new" && [ -s "$1.new" ] && chmod "${2:-0600}" "$1.new" && mv "$1.new" "$1"; then return 0; fi
  rm -f "$1.new"
  say "could not write $1: is the disk full or read-only?"
  return 1
}
