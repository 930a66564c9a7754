/**
 * Commands to openvpn's management interface as text. Every parameter passes through `parameter`, which quotes it for openvpn's lexer
 * and keeps the limits that openvpn would answer with an error (or, in a client-auth body, silently cut at).
 */

/** ManagementLimitError says that a command cannot be said to openvpn; sending it would do something else than was meant. */
export class ManagementLimitError extends Error {
  override readonly name = 'ManagementLimitError';
}

/** OPTION_PARM_SIZE and OPTION_LINE_SIZE are 256 with the final zero [openvpn 2.6 options.h]. */
export const longestParameter = 255;

/** parameter quotes one parameter of a command. Throws ManagementLimitError above 255 bytes or for control characters. */
export function parameter(text: string): string {
  if (/[\x00-\x1f\x7f]/.test(text)) {
    throw new ManagementLimitError(
      `management parameter ${JSON.stringify(text)} has control characters; a line break would end the command`,
    );
  }
  const escaped = text.replace(/["\\]/g, (character) => `\\${character}`);
  limit(text, 'parameter');
  return `"${escaped}"`;
}

/** clientAuth accepts a client; each body line is one option (openvpn.md 2.5), already rendered. */
export function clientAuth(cid: number, kid: number, body: readonly string[]): string {
  for (const line of body) {
    if (/[\x00-\x1f\x7f]/.test(line))
      throw new ManagementLimitError(`client-auth line ${JSON.stringify(line)} has control characters`);
    // The daemon would read such a line as the end of the body and take what follows as commands.
    if (line === 'END') throw new ManagementLimitError('client-auth line END would end the body');
    limit(line, 'client-auth line');
  }
  return ['client-auth ' + ids(cid, kid), ...body, 'END'].join('\n');
}

/** clientAuthAgain accepts a renegotiation; it takes no body, the client keeps what it was given. */
export function clientAuthAgain(cid: number, kid: number): string {
  return `client-auth-nt ${ids(cid, kid)}`;
}

/** clientDeny refuses a connect or a renegotiation. `log` is for the daemon's log, `client` is what follows AUTH_FAILED at the client. */
export function clientDeny(cid: number, kid: number, log: string, client: string): string {
  return `client-deny ${ids(cid, kid)} ${parameter(log)} ${parameter(client)}`;
}

/**
 * clientPendingAuth has a client wait for its answer longer than a handshake may take, and shows it `text` (openvpn.md 7.3). The answer,
 * clientAuth or clientDeny, has to follow.
 */
export function clientPendingAuth(cid: number, kid: number, text: string, seconds: number): string {
  return `client-pending-auth ${ids(cid, kid)} ${parameter(text)} ${String(seconds)}`;
}

/**
 * clientKill ends a client. RESTART: it comes back by itself after about a second; HALT: a 2.x client exits (openvpn.md 3.3). The daemon
 * sends the word and drops the client after 5 s: whoever must not send any more is shut out by nftables before.
 */
export function clientKill(cid: number, how: 'RESTART' | 'HALT'): string {
  return `client-kill ${String(cid)} ${how}`;
}

/** pushUpdate tells a connected client other options (openvpn 2.7); `chunk` is one of updateChunks (push-update.ts). */
export function pushUpdate(cid: number, chunk: string): string {
  return `push-update-cid ${String(cid)} ${parameter(chunk)}`;
}

function ids(cid: number, kid: number): string {
  return `${String(cid)} ${String(kid)}`;
}

function limit(text: string, what: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > longestParameter) {
    throw new ManagementLimitError(
      `management ${what} of ${String(bytes)} bytes is above openvpn's ${String(longestParameter)}: ${text.slice(0, 60)}...`,
    );
  }
}
