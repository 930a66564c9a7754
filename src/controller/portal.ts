import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import type { ControllerStart } from '../contract/controller-start.ts';
import type { PortalTls } from './http/listeners.ts';
import type { Metrics } from './metrics/metrics.ts';
import { currentPortalCertificate } from './pki/portal-certificate.ts';
import type { Signer } from './pki/signer-client.ts';

/** Portal is the certificate that the https listener shows: the operator's, or our own CA's, which is renewed while we run. */
export type Portal = {
  readonly tls: () => PortalTls;
  /** What install commands pin; undefined for the operator's certificate, which is trusted by other means and may get another key. */
  readonly pin: string | undefined;
  readonly onRenewal: (listener: (tls: PortalTls) => void) => void;
  readonly close: () => Promise<void>;
};

/** Two files are read. The CA may be replaced because somebody else has its key, and agents then believe the new one alone. */
const renewalCheck_ms = 60_000;

/** openPortal reads the operator's files, or asks the signer. Rejects, naming the file, where they are missing or no certificate. */
export async function openPortal(options: {
  readonly start: Pick<ControllerStart, 'tls' | 'dataDir' | 'installation'>;
  readonly signer: Signer;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'job'>;
}): Promise<Portal> {
  const { start, signer, log, metrics } = options;
  if (start.tls !== null) return await openGiven(start.tls);
  // Not before: a job that is declared and never runs is an alert.
  const job = metrics.job('portal-certificate');

  const current = async () =>
    await currentPortalCertificate({
      signer,
      directory: path.join(start.dataDir, 'controller'),
      hostname: start.installation.hostname,
      now: new Date(),
    });
  let certificate = await current();
  const listeners: ((tls: PortalTls) => void)[] = [];
  let checking: Promise<void> = Promise.resolve();
  const check = async (): Promise<void> => {
    const next = await current();
    if (next.certificate === certificate.certificate) return;
    certificate = next;
    for (const listener of listeners) listener(next);
    log.info("renewed the portal's certificate");
  };
  const timer = setInterval(() => {
    checking = job(check).catch((error: unknown) =>
      log.warn({ err: error }, "renewing the portal's certificate failed; it is tried again in a minute"),
    );
  }, renewalCheck_ms);
  timer.unref();
  return {
    tls: () => certificate,
    pin: certificate.pin,
    onRenewal: (listener) => listeners.push(listener),
    close: async () => {
      clearInterval(timer);
      await checking;
    },
  };
}

async function openGiven(files: { readonly certFile: string; readonly keyFile: string }): Promise<Portal> {
  const [certificate, key] = await Promise.all([readFile(files.certFile, 'utf8'), readFile(files.keyFile, 'utf8')]);
  return {
    tls: () => ({ certificate, key }),
    pin: undefined,
    onRenewal: () => undefined,
    close: async () => await Promise.resolve(),
  };
}
