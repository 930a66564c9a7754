/** The application behind DIR/run/api.sock, or over HTTPS, as the supervisor's sockets serve it; for tests of what asks it. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControllerApp } from './deps.ts';
import type { PortalTls } from './http/listeners.ts';
import { holdConnections, serveListener } from './http/listeners.ts';
import { currentPortalCertificate } from './pki/portal-certificate.ts';
import type { TestController } from './test-controller.ts';

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

export type HttpsSocket = AsyncDisposable & {
  readonly url: string;
  /** A data directory with `ca.crt` and the certificate, as an installation has it. */
  readonly data: string;
  /** New connections get a certificate for a new key, from the same CA. */
  readonly replaceKey: () => Promise<void>;
};

/** serveHttps gives the address on loopback at which the application answers to everybody; its signer has to be a real one. */
export async function serveHttps({ app, deps }: TestController): Promise<HttpsSocket> {
  const data = await mkdtemp(join(tmpdir(), 'cw-https-'));
  const directory = join(data, 'controller');
  await mkdir(directory);
  await writeFile(join(data, 'ca.crt'), await deps.signer.authority());
  const certify = async (): Promise<PortalTls> =>
    await currentPortalCertificate({ signer: deps.signer, directory, hostname: '127.0.0.1', now: new Date() });
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const listener = serveListener(app, 'https', holdConnections(server), await certify());
  return {
    url: `https://127.0.0.1:${String(port)}`,
    data,
    replaceKey: async () => {
      await rm(join(directory, 'tls.key'));
      listener.replaceCertificate(await certify());
    },
    [Symbol.asyncDispose]: async () => {
      await listener.close(0);
      await rm(data, { recursive: true });
    },
  };
}
