/**
 * src/gateway/authentication asks people who they are, where their group demands it at connect (docs/connect-authentication.md): what a
 * client can be asked by (means.ts), whom that spares (lost-connections.ts), and the asking itself, which is the controller's to answer
 * (questions.ts). Tests: `node --test 'src/gateway/authentication/*.test.ts'`, and with real clients src/gateway/connect-authentication.integration.test.ts.
 */

/** Credentials are what a client sends for `auth-user-pass`. They go to the controller and nowhere else: no log, no file, no field of a session. */
export type Credentials = { readonly username: string; readonly password: string };

/**
 * AskingMeans is how the person behind a client can be asked. `page`: it shows a page; `text` is what makes it do so. `unknown`: it asked
 * while no agent was there, and its words are lost.
 */
export type AskingMeans =
  | { readonly kind: 'page'; readonly text: 'WEB_AUTH::' | 'OPEN_URL:' }
  | { readonly kind: 'password'; readonly credentials: Credentials }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

/**
 * readMeans reads them from the environment of a CONNECT. A password is taken where there is one, although the client could show a page as
 * well: the person has typed it a moment ago. IV_SSO is what the client says of itself; `openurl` is the word of older ones (openvpn.md 7.3).
 */
export function readMeans(environment: ReadonlyMap<string, string>): AskingMeans {
  const password = text(environment.get('password'));
  if (password !== '') return { kind: 'password', credentials: { username: text(environment.get('username')), password } };
  const can = (environment.get('IV_SSO') ?? '').split(',');
  if (can.includes('webauth')) return { kind: 'page', text: 'WEB_AUTH::' };
  return can.includes('openurl') ? { kind: 'page', text: 'OPEN_URL:' } : { kind: 'none' };
}

/** The management connection is read byte by byte (latin1); people's passwords are UTF-8. */
function text(bytes: string | undefined): string {
  return Buffer.from(bytes ?? '', 'latin1').toString('utf8');
}
