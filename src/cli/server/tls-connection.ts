import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { Trust } from './logins.ts';

/** Longer than any handshake around the world that comes about. */
const handshake_ms = 15_000;

/** UntrustedServer is a server whose certificate is not believed; `pin` is its key, to be compared with what its operator knows. */
export class UntrustedServer extends Error {
  readonly pin: string;

  constructor(message: string, pin: string) {
    super(message);
    this.name = 'UntrustedServer';
    this.pin = pin;
  }
}

/**
 * openTls gives a connection to a server that has proved who it is, before anything is sent to it. Rejects with UntrustedServer where it has
 * not, else with what the system says.
 */
export async function openTls(url: URL, trust: Trust): Promise<TLSSocket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({
    host,
    port: url.port === '' ? 443 : Number(url.port),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(trust.kind === 'authority' ? { ca: trust.certificate } : {}),
    ALPNProtocols: ['http/1.1'],
    // Judged below, so that a refusal can say which key was shown.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  });
  const timer = setTimeout(() => socket.destroy(new Error(`no TLS within ${String(handshake_ms / 1000)} s`)), handshake_ms);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the connection was closed before TLS was there')));
    });
    judge(socket, trust);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function judge(socket: TLSSocket, trust: Trust): void {
  const pin = pinOf(socket);
  switch (trust.kind) {
    case 'system':
    case 'authority': {
      // The host name has been checked as well: it is a reason of its own in the same place.
      if (socket.authorized) return;
      const reason: unknown = socket.authorizationError;
      throw new UntrustedServer(reason instanceof Error ? reason.message : String(reason), pin);
    }
    case 'key':
      if (isSame(pin, trust.pin)) return;
      throw new UntrustedServer(`it shows the key ${pin}, not ${trust.pin}`, pin);
  }
}

/** As `curl --pinnedpubkey` writes it: a renewed certificate for the same key has the same. */
function pinOf(socket: TLSSocket): string {
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256//${createHash('sha256')
    .update(key ?? '')
    .digest('base64')}`;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
