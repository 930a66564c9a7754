/**
 * bashLookUp is the script for bash 4 or newer, around its table. Names come from people: they are never evaluated, and what would be read
 * as shell syntax is quoted, or left out where a quote that was begun already makes that impossible.
 */
export function bashLookUp(table: string): string {
  return `# causeway completion for bash: source <(causeway completion bash)
_causeway_place() {
  REPLY=
  case $1 in
${table}  esac
}

_causeway() {
  local current=\${COMP_WORDS[COMP_CWORD]} path= waiting= position=0 word REPLY i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $waiting ]]; then
      waiting=
    elif [[ $word == -* ]]; then
      _causeway_place "\${path:+$path }$word"
      [[ -z $REPLY ]] || waiting=$word
    else
      _causeway_place "\${path:+$path }$word"
      if [[ $REPLY == words* && $position == 0 && $word != [0-9]* ]]; then path="\${path:+$path }$word"; else position=$((position + 1)); fi
    fi
  done
  if [[ -n $waiting ]]; then
    _causeway_place "\${path:+$path }$waiting"
  elif [[ $current == -* ]]; then
    _causeway_place "$path"
  else
    _causeway_place "\${path:+$path }$position"
    for ((i = position; i >= 0 && \${#REPLY} == 0; i--)); do _causeway_place "\${path:+$path }$i+"; done
    [[ -n $REPLY || $position != 0 ]] || _causeway_place "$path"
  fi
  case $REPLY in
    words*) mapfile -t COMPREPLY < <(compgen -W "\${REPLY#words}" -- "$current") ;;
    names*) _causeway_names "\${REPLY#names }" "$current" ;;
    files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
}

_causeway_names() {
  local quote= typed=$2 name names
  case $2 in
    \\"* | \\'*) quote=\${2:0:1} typed=\${2:1} ;;
    *) typed=\${2//\\\\/} ;;
  esac
  mapfile -t names < <("\${COMP_WORDS[0]}" complete-names "$1" 2>/dev/null </dev/null)
  for name in "\${names[@]}"; do
    [[ $name == "$typed"* ]] || continue
    if [[ -z $quote ]]; then
      printf -v name %q "$name"
    elif [[ $name == *[\\"\\'\\$\\\`\\\\!]* ]]; then
      continue
    fi
    COMPREPLY+=("$name")
  done
}

complete -F _causeway causeway
`;
}
