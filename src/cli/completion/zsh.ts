/** zshLookUp is the script for zsh, around its table; compadd quotes what it inserts. */
export function zshLookUp(table: string): string {
  return `#compdef causeway
# causeway completion for zsh: source <(causeway completion zsh)
_causeway_place() {
  REPLY=
  case $1 in
${table}  esac
}

_causeway() {
  local current=\${words[CURRENT]} program=\${words[1]} route= waiting= word REPLY
  local -i position=0 i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $waiting ]]; then
      waiting=
    elif [[ $word == -* ]]; then
      _causeway_place "\${route:+$route }$word"
      [[ -z $REPLY ]] || waiting=$word
    else
      _causeway_place "\${route:+$route }$word"
      if [[ $REPLY == words* && $position == 0 && $word != [0-9]* ]]; then route="\${route:+$route }$word"; else position=$((position + 1)); fi
    fi
  done
  if [[ -n $waiting ]]; then
    _causeway_place "\${route:+$route }$waiting"
  elif [[ $current == -* ]]; then
    _causeway_place "$route"
  else
    _causeway_place "\${route:+$route }$position"
    for ((i = position; i >= 0 && \${#REPLY} == 0; i--)); do _causeway_place "\${route:+$route }$i+"; done
    [[ -n $REPLY || $position != 0 ]] || _causeway_place "$route"
  fi
  case $REPLY in
    words*) found=(\${=REPLY#words}); compadd -a found ;;
    names*) found=("\${(@f)$(\${(Q)program} complete-names \${REPLY#names } 2>/dev/null </dev/null)}"); compadd -a found ;;
    files) _files ;;
  esac
}

compdef _causeway causeway
`;
}
