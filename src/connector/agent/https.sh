# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Requests to the controller. Secrets reach curl on its standard input (`--config -`), never its arguments, which every user of the
# machine can read. With a CA of its own the controller is trusted by that CA alone.

# A secret is base64url, so it needs no escaping in a curl configuration.
is_secret() {
  case $1 in *[!A-Za-z0-9_-]*) return 1 ;; esac
  [ ${#1} -ge 20 ] && [ ${#1} -le 200 ]
}

# request METHOD PATH BODY-FILE ANSWER-FILE SECONDS [SECRET] : sets http_status (000: no answer) and leaves the answer in the file.
# An empty BODY-FILE sends no body; without SECRET the agent's credential is used.
request() {
  request_secret=${6-}
  [ -n "$request_secret" ] || request_secret=$(cat "$STATE/credential" 2>/dev/null) || request_secret=
  rm -f "$4"
  # In the background, so that a stop request need not wait for the end of a long poll.
  {
    printf 'url = "%s%s"\n' "$CAUSEWAY_URL" "$2"
    printf 'request = "%s"\n' "$1"
    printf 'header = "Authorization: Bearer %s"\n' "$request_secret"
    [ -z "$CAUSEWAY_CA" ] || printf 'cacert = "%s"\n' "$STATE/ca.pem"
    [ -z "$3" ] || printf 'header = "Content-Type: text/plain"\ndata-binary = "@%s"\n' "$3"
  } | curl -q --config - --silent --show-error --proto =https --connect-timeout 10 --max-time "$5" --max-filesize 1048576 \
    --output "$4" --write-out '%{http_code} %{remote_ip}\n' >"$4.status" 2>"$4.error" &
  waiting_pid=$!
  wait "$waiting_pid" || true
  waiting_pid=
  http_status=000
  controller_address=
  read -r http_status controller_address <"$4.status" || http_status=000
  case $http_status in [1-5][0-9][0-9]) ;; *) http_status=000 ;; esac
  case $controller_address in '' | *[!0-9a-fA-F.:]*) ;; *) printf '%s\n' "$controller_address" >"$RUN/controller-address" ;; esac
  [ -e "$4" ] || : >"$4"
}

# request_failure ANSWER-FILE : one printable line about why the last request failed.
request_failure() {
  if [ "$http_status" = 000 ]; then
    printf 'no answer from %s: %s' "$CAUSEWAY_URL" "$(head -c 300 "$1.error" | tr -c '\040-\176' ' ')"
  else
    printf 'HTTP %s: %s' "$http_status" "$(head -c 300 "$1" | tr -c '\040-\176' ' ')"
  fi
}
