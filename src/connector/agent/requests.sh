# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# What the controller asks for once, besides the desired state (src/contract/agent-request.ts): probes (probe.sh), a fresh observation, and
# actions that a person has confirmed (act.sh). It comes with the answer to the long poll, is never kept on disk, and is done before the
# pass over the machine, so that who waits for it need not wait for that.

REQUEST_WORDS='^(ask|probe|act|observe)( |$)'
REQUESTS_A_MINUTE=60

# request_read FILE : sets request_id, request_limit and request_observe; the lines of probes and actions, numbered, go to RUN/asked. Fails
# where there is no request. Whatever is wrong with a line is its answer.
request_read() {
  request_id='' request_limit=2 request_observe=''
  : >"$RUN/asked"
  : >"$RUN/answers"
  while read -r request_word request_rest; do
    case $request_word in
      ask)
        is_uuid "${request_rest%% *}" || return 1
        request_id=${request_rest%% *}
        case ${request_rest#* } in [1-5]) request_limit=${request_rest#* } ;; esac
        ;;
      observe) request_observe=yes ;;
      probe | act)
        case $request_rest in [0-7]\ *) printf '%s %s\n' "$request_word" "$request_rest" >>"$RUN/asked" ;; esac
        ;;
    esac
  done <"$1"
  [ -n "$request_id" ]
}

# request_serve : answers it. Called by the poll loop, when desired_* are those of the same answer of the controller.
request_serve() {
  if ! request_allowed; then
    echo "refuse this machine answers $REQUESTS_A_MINUTE requests a minute at most" >"$RUN/answers"
    request_post
    return
  fi
  find_device
  probes_run
  actions_run
  if [ -s "$RUN/asked" ]; then request_post; fi
  if [ -n "$request_observe" ]; then
    observe
    echo observed >"$RUN/answers"
    request_post
  else
    # Counters, neighbours and flows as the probes left them.
    touch "$RUN/observe-now"
  fi
}

request_post() {
  request POST "$AGENT_API/answers?ask=$request_id" "$RUN/answers" "$RUN/answered" 10
  case $http_status in
    204) ;;
    *) say "the answer to request $request_id was not taken: $(request_failure "$RUN/answered")" ;;
  esac
}

# request_allowed : a controller that has lost control of itself must not make this machine send without end.
request_allowed() {
  request_now=$(date +%s)
  awk -v now="$request_now" '$1 > now - 60 && $1 <= now' "$RUN/asked-at" >"$RUN/asked-at.new" 2>/dev/null || : >"$RUN/asked-at.new"
  if [ "$(wc -l <"$RUN/asked-at.new")" -ge "$REQUESTS_A_MINUTE" ]; then return 1; fi
  printf '%s\n' "$request_now" >>"$RUN/asked-at.new"
  mv "$RUN/asked-at.new" "$RUN/asked-at"
}

# request_answer NUMBER ANSWER WORDS : one printable line.
request_answer() {
  printf '%s %s %s\n' "$1" "$2" "$(printf '%s' "$3" | tr -c '\040-\176' ' ' | cut -c 1-300)" >>"$RUN/answers"
}
