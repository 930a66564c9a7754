# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Who this connector is: its key (made here, never leaves), and the credential and certificate that the controller gives for it.
# Every file appears by rename, so that an interruption leaves the old one or the new one. Running enroll again with the same token
# is allowed by the controller as long as the key is the same one, which is why the key comes first and is never replaced.

AGENT_API=/api/causeway/v1/connector-agent

make_key() {
  if [ -s "$STATE/key.pem" ] && openssl pkey -in "$STATE/key.pem" -noout 2>/dev/null; then return; fi
  openssl ecparam -name prime256v1 -genkey -noout | keep "$STATE/key.pem" || die "no key could be made in $STATE"
  openssl pkey -in "$STATE/key.pem" -noout 2>/dev/null || die "openssl did not make a key in $STATE/key.pem"
}

# certificate_request FILE : the name in it does not matter, the controller writes its own.
certificate_request() {
  openssl req -new -key "$STATE/key.pem" -subj /CN=causeway-connector -out "$1" 2>"$1.error" ||
    die "openssl could not make a certificate request: $(cat "$1.error")"
}

write_ca() {
  if [ "$(cat "$STATE/ca.pem" 2>/dev/null)" = "$CAUSEWAY_CA" ]; then return; fi
  printf '%s\n' "$CAUSEWAY_CA" | keep "$STATE/ca.pem"
}

# enroll : reads the install token on standard input; ends with credential, certificate and connector id on disk, or dies.
enroll() {
  read -r enroll_token || true
  is_secret "$enroll_token" || die "the install token must be the one from the install command: letters, digits, - and _ only"
  write_ca || exit 1
  make_key
  certificate_request "$RUN/request.pem"
  enroll_query=
  if [ -s "$STATE/connector" ]; then enroll_query="?held=$(cat "$STATE/connector")"; fi
  request POST "$AGENT_API/enroll$enroll_query" "$RUN/request.pem" "$RUN/enroll" 60 "$enroll_token"
  case $http_status in
    200) ;;
    401) die "the install token is not valid (any more): make a new one for this connector, POST /api/causeway/v1/connectors/ID/install-token ($(request_failure "$RUN/enroll"))" ;;
    409) die "the controller refuses this machine: $(request_failure "$RUN/enroll")" ;;
    *) die "enrolling failed, run the same command again: $(request_failure "$RUN/enroll")" ;;
  esac
  enroll_read "$RUN/enroll"
  printf '%s\n' "$enroll_credential" | keep "$STATE/credential" || exit 1
  printf '%s\n' "$enroll_connector" | keep "$STATE/connector" || exit 1
  rm -f "$RUN/enroll" "$RUN/enroll".*
  renew_certificate || die "enrolled, but no certificate yet, run the same command again: $renew_failure"
  say "enrolled as connector $enroll_connector"
}

enroll_read() {
  enroll_connector='' enroll_credential='' enroll_pin=''
  while read -r enroll_word enroll_value; do
    case $enroll_word in
      connector) enroll_connector=$enroll_value ;;
      credential) enroll_credential=$enroll_value ;;
      ca-pin) enroll_pin=$enroll_value ;;
    esac
  done <"$1"
  if ! is_uuid "$enroll_connector" || ! is_secret "$enroll_credential"; then
    die "the controller's answer to enroll was cut off: run the same command again"
  fi
  if [ -n "$CAUSEWAY_CA" ] && [ "$enroll_pin" != "$(ca_pin)" ]; then
    die "the controller names another CA ($enroll_pin) than its install script ($(ca_pin)): fetch the install command again"
  fi
}

# ca_pin : the hash of the CA's public key, as curl writes it.
ca_pin() {
  printf 'sha256//%s' "$(openssl x509 -in "$STATE/ca.pem" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | openssl base64 -A)"
}

is_uuid() {
  case $1 in *[!0-9a-f-]*) return 1 ;; esac
  [ ${#1} -eq 36 ]
}
