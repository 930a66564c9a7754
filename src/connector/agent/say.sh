# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Words to the operator, and problems: one line each `CODE what was found; what to do`. Each part of the agent keeps its own list of
# problems, replaced as a whole after every pass, so that a problem that has gone disappears; observe.sh reports them all.

say() { printf 'causeway-connector: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# problems_begin LIST ... problem CODE WORDS ... problems_end: says only what is new since the last pass.
problems_begin() {
  problem_list=$RUN/problems/$1
  mkdir -p "$RUN/problems"
  : >"$problem_list.new"
}

problem() { printf '%s\n' "$*" >>"$problem_list.new"; }

# problems_from FILE : its lines `problem CODE WORDS`.
problems_from() { sed -n 's/^problem //p' "$1" >>"$problem_list.new"; }

problems_end() {
  touch "$problem_list"
  if ! cmp -s "$problem_list" "$problem_list.new"; then
    while IFS= read -r problem_line; do
      grep -qxF -e "$problem_line" "$problem_list" || say "problem: $problem_line"
    done <"$problem_list.new"
    while IFS= read -r problem_line; do
      grep -qxF -e "$problem_line" "$problem_list.new" || say "mended: $(echo "$problem_line" | cut -d " " -f 1,2)"
    done <"$problem_list"
    touch "$RUN/observe-now"
  fi
  mv "$problem_list.new" "$problem_list"
}
