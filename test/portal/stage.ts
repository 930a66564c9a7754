/**
 * The stage of the portal's tests: the real controller with a database and a signer of its own, serving the built portal over HTTPS on
 * loopback. Chromium opens it as people do (browser.ts). Run: `./causeway test portal`.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { holdConnections, serveListener } from '../../src/controller/http/listeners.ts';
import { readBuiltPortal } from '../../src/controller/pages/built-portal.ts';
import { currentPortalCertificate } from '../../src/controller/pki/portal-certificate.ts';
import type { IssuingController } from '../../src/controller/routes/test-api.ts';
import { issuingController } from '../../src/controller/routes/test-api.ts';

export type Stage = AsyncDisposable & {
  /** `https://localhost:PORT`, without a slash at the end. */
  readonly url: string;
  /** It has a signer and a gateway that reports. */
  readonly issuing: IssuingController;
  /** Cuts every connection and answers nobody, as a controller that is started anew; resolves to the function that answers again, on the same port. */
  readonly goAway: () => Promise<() => Promise<void>>;
};

/** Requests that run when a test ends get this long. */
const patience_ms = 2_000;

/** A name, not an address: cookies with __Host- and passkeys want one, and browsers take localhost for secure. */
const hostname = 'localhost';

/** openStage starts everything; what was opened is closed again where something fails. */
export async function openStage(): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(path.join(os.tmpdir(), 'cw-portal-'));
  opened.defer(async () => await rm(directory, { recursive: true, force: true }));
  const server = await listen(0);
  opened.defer(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const shown = { certificate: '' };
  const issuing = opened.use(
    await issuingController({
      // Machines are reported by hand (example-wpc.ts).
      agentsAwayAfter_ms: 0,
      portalCertificate: () => shown.certificate,
      portal: await readBuiltPortal(await builtPortal()),
      installation: { hostname, listenPort: port, vpnPort: 1194, version: '0.0.0-test' },
    }),
  );
  const { app, deps } = issuing.controller;
  const certificate = await currentPortalCertificate({ signer: deps.signer, directory, hostname, now: new Date() });
  shown.certificate = certificate.certificate;
  let listener = serveListener(app, 'https', holdConnections(server), certificate);
  opened.defer(async () => await listener.close(patience_ms));
  const all = opened.move();
  return {
    url: `https://${hostname}:${String(port)}`,
    issuing,
    goAway: async () => {
      await listener.close(0);
      return async () => {
        listener = serveListener(app, 'https', holdConnections(await listen(port)), certificate);
      };
    },
    [Symbol.asyncDispose]: async () => await all.disposeAsync(),
  };
}

async function listen(port: number): Promise<net.Server> {
  const server = net.createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** builtPortal builds the portal of this checkout where it is missing, as `causeway up` does. */
async function builtPortal(): Promise<string> {
  const program = path.join(import.meta.dirname, '..', '..', 'src', 'portal-build', 'main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  return stdout.trim();
}
