/**
 * takeLinkSecret gives the secret of a link (`/set-up#SECRET`) and takes it out of the address bar and the history, so that it is in no
 * screenshot and no bookmark. Empty where there is none.
 */
export function takeLinkSecret(): string {
  const secret = window.location.hash.slice(1);
  if (secret !== '') window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
  return secret;
}
