/** The application behind DIR/run/api.sock, or over HTTPS, as the supervisor's sockets serve it; for tests of what asks it. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControllerApp } from './deps.ts';
import type { PortalTls } from './http/listeners.ts';
import { holdConnections, serveListener } from './http/listeners.ts';

export type LocalSocket = AsyncDisposable & { readonly data: string };

/** serveLocally gives a data directory in whose run/api.sock the application answers to "local root". */
export async function serveLocally(app: ControllerApp): Promise<LocalSocket> {
  const data = await mkdtemp(join(tmpdir(), 'cw-local-'));
  await mkdir(join(data, 'run'), { mode: 0o700 });
  const server = net.createServer();
  server.listen(join(data, 'run', 'api.sock'));
  await once(server, 'listening');
  const listener = serveListener(app, 'local', holdConnections(server));
  return {
    data,
    [Symbol.asyncDispose]: async () => {
      await listener.close(0);
      await rm(data, { recursive: true });
    },
  };
}

export type HttpsSocket = AsyncDisposable & { readonly url: string; readonly replaceCertificate: (tls: PortalTls) => void };

/** serveHttps gives the address on loopback at which the application answers to everybody. */
export async function serveHttps(app: ControllerApp, tls: PortalTls): Promise<HttpsSocket> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const listener = serveListener(app, 'https', holdConnections(server), tls);
  return {
    url: `https://127.0.0.1:${String(port)}`,
    replaceCertificate: listener.replaceCertificate,
    [Symbol.asyncDispose]: async () => {
      await listener.close(0);
    },
  };
}
