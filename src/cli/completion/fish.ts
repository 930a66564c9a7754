/** fishLookUp is the script for fish, around its table; fish quotes what it inserts. */
export function fishLookUp(table: string): string {
  return `# causeway completion for fish: causeway completion fish | source
function __causeway_place --argument-names place
  switch $place
${table}  end
end

function __causeway_complete
  set -l typed (commandline -opc)
  set -l current (commandline -ct)
  set -l program $typed[1]
  set -l path
  set -l waiting
  set -l position 0
  for word in $typed[2..-1]
    if test -n "$waiting"
      set waiting
    else if string match -q -- '-*' $word
      test -n "$(__causeway_place "$(string join ' ' -- $path $word)")"; and set waiting $word
    else
      set -l reply (__causeway_place "$(string join ' ' -- $path $word)")
      if string match -q 'words*' -- $reply; and test $position = 0; and not string match -qr '^[0-9]' -- $word
        set -a path $word
      else
        set position (math $position + 1)
      end
    end
  end
  set -l reply
  if test -n "$waiting"
    set reply (__causeway_place "$(string join ' ' -- $path $waiting)")
  else if string match -q -- '-*' "$current"
    set reply (__causeway_place "$(string join ' ' -- $path)")
  else
    set reply (__causeway_place "$(string join ' ' -- $path $position)")
    set -l at $position
    while test -z "$reply"; and test $at -ge 0
      set reply (__causeway_place "$(string join ' ' -- $path $at+)")
      set at (math $at - 1)
    end
    if test -z "$reply"; and test $position = 0
      set reply (__causeway_place "$(string join ' ' -- $path)")
    end
  end
  set -l parts (string split ' ' -- $reply)
  switch "$parts[1]"
    case words
      string join \\n -- $parts[2..-1]
    case names
      $program complete-names $parts[2] 2>/dev/null </dev/null
    case files
      __fish_complete_path "$current"
  end
end

complete -c causeway -f -a '(__causeway_complete)'
`;
}
