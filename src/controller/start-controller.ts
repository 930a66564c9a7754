import path from 'node:path';
import type { Logger } from 'pino';
import type { ControllerStart } from '../contract/controller-start.ts';
import { buildController } from './app.ts';
import { cloudReaders } from './cloud/cloud-readers.ts';
import { MachineWatch } from './keeping/machine-watch.ts';
import { watchRegularly } from './keeping/watch-regularly.ts';
import { sweepRegularly } from './keeping/sweep-regularly.ts';
import { startMailWorker } from './mail/mail-worker.ts';
import { measureQueries } from './metrics/measure-database.ts';
import { Metrics } from './metrics/metrics.ts';
import { readBuiltPortal } from './pages/built-portal.ts';
import type { BuiltPortal } from './pages/built-portal.ts';
import { openPortal } from './portal.ts';
import type { Portal } from './portal.ts';
import type { ControllerApp, RateLimit } from './deps.ts';
import { offerSetUp } from './identity/set-up.ts';
import { keepPublicAddresses } from './public-addresses.ts';
import { openSecretsKey } from './pki/secrets-key.ts';
import { SignerClient } from './pki/signer-client.ts';
import { Probes } from './probe/probes.ts';
import { ensureLocalGateway, withdrawLocalGateway } from './store/local-gateway.ts';
import { appendEvents } from './store/model-transaction.ts';
import { secretBox } from './store/secret-box.ts';
import { openStore } from './store/store.ts';
import type { Store } from './store/store.ts';
import { startWakeUp } from './store/wake-up.ts';
import { prepareSchema, upgradedEvent } from './prepare-schema.ts';
import type { SupervisorLink } from './supervisor-link.ts';

/** RunningController is the application with all that it needs open; sockets are main.ts's. */
export type RunningController = {
  readonly app: ControllerApp;
  readonly portal: Portal;
  /** Answers new requests with 503 and ends streams and long polls; what else runs goes on. First step of stopping. */
  readonly endStreams: () => Promise<void>;
  /** Closes the rest; to be called when the last request has been answered. */
  readonly stop: () => Promise<void>;
};

/** Several times what a run of Terraform or a portal sends; a bound for a program that has lost control of itself. */
const rateLimit: RateLimit = { perSecond: 100, burst: 1000 };

/**
 * startController opens everything in the order in which it depends on each other: secrets, database and schema, what the command line says
 * of this installation, the application, the portal's certificate. Rejects with the first thing that fails; nothing stays open then.
 */
export async function startController(
  start: ControllerStart,
  options: {
    readonly version: string;
    readonly log: Logger;
    readonly signal: AbortSignal;
    readonly supervisor: SupervisorLink;
  },
): Promise<RunningController> {
  const { log, signal, supervisor } = options;
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.toReversed()) {
      await close().catch((error: unknown) => log.warn({ err: error }, 'closing failed; the process ends anyway'));
    }
  };
  try {
    const secrets = secretBox(await openSecretsKey(path.join(start.dataDir, 'controller', 'secrets.key')));
    const upgraded = await prepareSchema({ start, supervisor, log, signal });
    const metrics = new Metrics();
    const store = openStore({
      connectionString: start.database,
      onQuery: measureQueries(metrics),
      onConnectionLost: (error) => log.warn({ err: error }, 'a database connection was lost'),
    });
    opened.push(store.close);
    await describeInstallation(store, start);
    if (upgraded !== undefined) await appendEvents(store, [upgradedEvent(upgraded, options.version)]);

    const signer = new SignerClient(path.join(start.dataDir, 'signer', 'sock', 'signer.sock'));
    opened.push(async () => await signer.close());
    const wakeUp = await startWakeUp(store, {
      connectionString: start.database,
      onTrouble: (error) => log.warn({ err: error }, 'waiting for changes was interrupted; going on'),
    });
    opened.push(wakeUp.close);
    const { hostname, listenPort, vpnPort } = start.installation;
    const portal = await openPortal({ start, signer, log, metrics });
    opened.push(portal.close);
    const installation = {
      hostname,
      listenPort,
      vpnPort,
      version: options.version,
      ...(portal.pin === undefined ? {} : { portalPin: portal.pin }),
    };
    // The database lies beside it, but may have a file system of its own.
    const machine = new MachineWatch([start.dataDir, path.join(start.dataDir, 'pg', 'data')]);
    await machine.look();
    const tellSetUpLink = (url: string | null) => supervisor.tell({ kind: 'set-up-link', url });
    await offerSetUp({ store, installation, tellSetUpLink });
    const deps = {
      store,
      wakeUp,
      signer,
      secrets,
      installation,
      rateLimit,
      probes: new Probes(store),
      cloudReaders: cloudReaders(),
      portalCertificate: () => portal.tls().certificate,
      machine,
      clock: () => new Date(),
      tellSetUpLink,
      portal: await readPortalIfBuilt(start.portal, log),
      log,
      metrics,
    };
    const app = await buildController(deps);
    opened.push(async () => await app.close());
    opened.push(sweepRegularly(store, log, metrics.job('sweep')));
    opened.push(watchRegularly(deps, metrics.job('watch')));
    opened.push(startMailWorker({ store, secrets, wakeUp, installation: { hostname }, log, job: metrics.job('mail') }));
    opened.push(keepPublicAddresses({ store, installation: { hostname }, log, job: metrics.job('gateway-addresses') }));
    const endStreams = async (): Promise<void> => {
      await Promise.all([app.close(), wakeUp.close()]);
    };
    return { app, portal, endStreams, stop: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Whatever is wrong with the portal's files, the API serves. */
async function readPortalIfBuilt(directory: string | null, log: Logger): Promise<BuiltPortal | undefined> {
  if (directory === null) return undefined;
  return await readBuiltPortal(directory).catch((error: unknown) => {
    log.warn({ err: error, directory }, 'the built portal cannot be read; the API is served without it');
    return undefined;
  });
}

async function describeInstallation(store: Store, start: ControllerStart): Promise<void> {
  if (start.gatewayTokenHash === null) {
    await withdrawLocalGateway(store);
    return;
  }
  const { hostname, vpnPort, region } = start.installation;
  await ensureLocalGateway(store, { hostname, vpnPort, region, tokenSha256: Buffer.from(start.gatewayTokenHash, 'hex') });
}
