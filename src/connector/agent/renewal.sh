# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Certificate and credential are renewed well before they end. A new certificate is a hand-over (tunnel.sh sees that the file changed).

# renew_certificate : a certificate for our key, with the time (in seconds before its end) from which it is to be renewed. Returns 1
# and says why in renew_failure.
renew_certificate() {
  renew_failure=
  certificate_request "$RUN/request.pem"
  request POST "$AGENT_API/certificate" "$RUN/request.pem" "$RUN/certificate" 60
  rm -f "$RUN/request.pem" "$RUN/request.pem.error"
  if [ "$http_status" != 200 ]; then
    renew_failure=$(request_failure "$RUN/certificate")
    return 1
  fi
  renew_ours=$(openssl pkey -in "$STATE/key.pem" -pubout 2>/dev/null)
  if [ "$(openssl x509 -in "$RUN/certificate" -noout -pubkey 2>/dev/null)" != "$renew_ours" ]; then
    renew_failure="the controller's answer is not a certificate for this machine's key"
    return 1
  fi
  certificate_seconds_left "$RUN/certificate"
  renew_failure="it could not be written to $STATE"
  printf '%s\n' $((seconds_left / 3)) | keep "$STATE/renew-before" && keep "$STATE/certificate.pem" <"$RUN/certificate"
}

# certificate_seconds_left FILE : sets seconds_left, a little too low (by a sixteenth at most), by asking openssl: date arithmetic differs
# between date commands.
certificate_seconds_left() {
  seconds_left=0
  seconds_step=$((60 << 20))
  while [ "$seconds_step" -ge 60 ] && [ $((seconds_step * 16)) -ge "$seconds_left" ]; do
    if openssl x509 -in "$1" -noout -checkend $((seconds_left + seconds_step)) >/dev/null 2>&1; then
      seconds_left=$((seconds_left + seconds_step))
    fi
    seconds_step=$((seconds_step / 2))
  done
}

# renew_what_is_due : called once a minute.
renew_what_is_due() {
  renew_before=$(cat "$STATE/renew-before" 2>/dev/null) || renew_before=86400
  case $renew_before in '' | *[!0-9]*) renew_before=86400 ;; esac
  problems_begin renewal
  if ! openssl x509 -in "$STATE/certificate.pem" -noout -checkend "$renew_before" >/dev/null 2>&1; then
    if renew_certificate; then
      say "certificate renewed"
      touch "$RUN/apply-now"
    else
      problem "certificate-not-renewed $renew_failure; the agent tries again each minute"
    fi
  fi
  # The controller ends a credential after 90 days.
  if [ -n "$(find "$STATE/credential" -mtime +30 2>/dev/null)" ]; then rotate_credential; fi
  problems_end
}

# The old credential stays valid until the new one is first used, so an interruption at any point leaves one that works.
rotate_credential() {
  request POST "$AGENT_API/credential" '' "$RUN/rotated" 60
  rotate_word='' rotate_value=''
  [ "$http_status" != 200 ] || read -r rotate_word rotate_value <"$RUN/rotated" || true
  if [ "$rotate_word" = credential ] && is_secret "$rotate_value" && printf '%s\n' "$rotate_value" | keep "$STATE/credential"; then
    say "credential renewed"
  else
    problem "credential-not-renewed $(request_failure "$RUN/rotated"); the agent tries again each minute"
  fi
  rm -f "$RUN/rotated" "$RUN/rotated".*
}
