/**
 * The line protocol of openvpn's management interface (openvpn.md 2; doc/management-notes.txt of openvpn 2.6), as a pure incremental
 * parser: bytes in, whole messages out. Nothing that a daemon or a client sends makes it throw; what it does not know it hands on as
 * `unknown`, so that a newer daemon is not a reason to lose its sessions.
 */

/** ClientEvent is one `>CLIENT:` block: it is atomic on the wire, and so it is here. */
export type ClientEvent =
  | {
      readonly kind: 'connect' | 'reauth';
      readonly cid: number;
      readonly kid: number;
      readonly environment: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'established' | 'disconnect'; readonly cid: number; readonly environment: ReadonlyMap<string, string> }
  | { readonly kind: 'address'; readonly cid: number; readonly address: string; readonly primary: boolean };

export type ManagementMessage =
  | ClientEvent
  | { readonly kind: 'bytecount'; readonly cid: number; readonly bytesIn: number; readonly bytesOut: number }
  | { readonly kind: 'hold' }
  | { readonly kind: 'state'; readonly state: string }
  | { readonly kind: 'info' | 'fatal' | 'unknown'; readonly text: string }
  /** The one-line answer to a command. */
  | { readonly kind: 'answer'; readonly ok: boolean; readonly text: string }
  /** A line of a longer answer, and its end. */
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'end' };

/** Longer lines are cut: openvpn's own are far below, and a daemon gone mad must not fill the agent's memory. */
const longestLine = 16_384;
/** Entries of one block; real ones have about 70. */
const largestBlock = 1_000;

type OpenBlock = { readonly name: string; readonly cid: number; readonly kid: number; readonly environment: Map<string, string> };

export class ManagementParser {
  #rest = '';
  #block: OpenBlock | null = null;

  /** feed takes the next piece of the stream, cut anywhere, and gives the messages that it completes. Never throws. */
  feed(piece: string): ManagementMessage[] {
    const messages: ManagementMessage[] = [];
    const lines = (this.#rest + piece).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) {
      const message = this.#line(line.slice(0, longestLine).replace(/\r$/, ''));
      if (message !== null) messages.push(message);
    }
    return messages;
  }

  #line(line: string): ManagementMessage | null {
    if (line.startsWith('>CLIENT:ENV,')) return this.#environment(line.slice('>CLIENT:ENV,'.length));
    // A block that is cut short by another message is not one: it is dropped, and what cut it is read as what it is.
    this.#block = null;
    if (line.startsWith('>')) return this.#notice(line);
    if (line.startsWith('SUCCESS:')) return { kind: 'answer', ok: true, text: line.slice('SUCCESS:'.length).trim() };
    if (line.startsWith('ERROR:')) return { kind: 'answer', ok: false, text: line.slice('ERROR:'.length).trim() };
    return line === 'END' ? { kind: 'end' } : { kind: 'line', text: line };
  }

  #notice(line: string): ManagementMessage | null {
    const colon = line.indexOf(':');
    const name = line.slice(1, colon < 0 ? undefined : colon);
    const text = colon < 0 ? '' : line.slice(colon + 1);
    switch (name) {
      case 'CLIENT':
        return this.#client(text, line);
      case 'BYTECOUNT_CLI': {
        const [cid, bytesIn, bytesOut] = text.split(',').map(count);
        if (cid === undefined || bytesIn === undefined || bytesOut === undefined) return { kind: 'unknown', text: line };
        return { kind: 'bytecount', cid, bytesIn, bytesOut };
      }
      case 'HOLD':
        return { kind: 'hold' };
      case 'STATE':
        return { kind: 'state', state: text.split(',')[1] ?? '' };
      case 'INFO':
        return { kind: 'info', text };
      case 'FATAL':
        return { kind: 'fatal', text };
      default:
        return { kind: 'unknown', text: line };
    }
  }

  #client(text: string, line: string): ManagementMessage | null {
    const [name = '', cidText, second, third] = text.split(',');
    const cid = count(cidText);
    if (cid === undefined) return { kind: 'unknown', text: line };
    if (name === 'ADDRESS') return { kind: 'address', cid, address: second ?? '', primary: third === '1' };
    this.#block = { name, cid, kid: count(second) ?? -1, environment: new Map() };
    return null;
  }

  #environment(text: string): ManagementMessage | null {
    const block = this.#block;
    if (block === null) return { kind: 'unknown', text: `>CLIENT:ENV,${text}` };
    if (text !== 'END') {
      const equals = text.indexOf('=');
      if (block.environment.size < largestBlock && equals > 0)
        block.environment.set(text.slice(0, equals), text.slice(equals + 1));
      return null;
    }
    this.#block = null;
    return closeBlock(block);
  }
}

function closeBlock({ name, cid, kid, environment }: OpenBlock): ManagementMessage {
  switch (name) {
    case 'CONNECT':
    case 'REAUTH':
      if (kid < 0) break;
      return { kind: name === 'CONNECT' ? 'connect' : 'reauth', cid, kid, environment };
    case 'ESTABLISHED':
      return { kind: 'established', cid, environment };
    case 'DISCONNECT':
      return { kind: 'disconnect', cid, environment };
  }
  return { kind: 'unknown', text: `>CLIENT:${name},${String(cid)}` };
}

/** A CID, KID or byte count: openvpn prints them in decimal without sign. Counters above 2^53 lose their last digits, which is harmless. */
function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,20}$/.test(text) ? Number(text) : undefined;
}
