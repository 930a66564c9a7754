import { createHash, randomBytes } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import type { UpOptions } from '../contract/cli/up-options.ts';
import type { ControllerStart } from '../contract/controller-start.ts';
import type { SupervisedPart } from '../contract/supervisor-control.ts';
import { builtPortal } from './built-portal.ts';
import { copyTls, publishCaCertificate } from './certificates.ts';
import { placeFile } from './data-directory.ts';
import { tidyDatabase, upgradeDatabase } from './database-upgrade.ts';
import type { MountMode } from './enter-mount-view.ts';
import type { Installation } from './installation.ts';
import { sweepKernel } from './kernel-sweep.ts';
import { LaneKeeper } from './lane-keeper.ts';
import type { Log } from './log.ts';
import type { Database } from './postgres-process.ts';
import { externalDatabase, PostgresProcess } from './postgres-process.ts';
import type { Prepared } from './prepare.ts';
import { prepare } from './prepare.ts';
import type { Programs } from './process-plans.ts';
import { ProcessPlans } from './process-plans.ts';
import { ScheduledBackups } from './scheduled-backups.ts';
import { runTask } from './run-task.ts';
import { SchemaUpgrade } from './schema-upgrade.ts';
import { SetUpLink } from './set-up-link.ts';
import type { Part } from './supervised-process.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** How long each process may take to end; together the longest that `up` takes from SIGTERM to its exit. */
const patience = { gatewayMs: 3000, controllerMs: 5000, signerMs: 2000 } as const;

type SupervisorOptions = {
  readonly up: UpOptions;
  readonly mountMode: MountMode;
  readonly programs: Programs;
  readonly databaseUrl: string | undefined;
  /** The systemd unit that we are: lanes get scopes of their own. */
  readonly unit: string | undefined;
  readonly log: Log;
};

/** What becomes of the lanes when the supervisor ends: their clients are told, or they go on and the next supervisor adopts them. */
export type LanesFate = 'end' | 'go on';

/** Supervisor is the running installation. Made by startSupervisor. */
export type Supervisor = {
  readonly url: string;
  /** The link that makes the owner; null where there is one. A secret. */
  readonly setUpLink: () => string | null;
  /** Resolves when everything serves: the controller answers, and (with a gateway) the lanes are attended. Rejects when it never will. */
  readonly ready: Promise<void>;
  /** What runs besides lanes, by name; without `database` where it is not ours, and without `gateway` where there is none. */
  readonly parts: ReadonlyMap<SupervisedPart, Part>;
  readonly lanes: () => LaneKeeper['running'];
  /** Ends everything in order: agent, lanes (clients are told), controller, signer, database. Bounded, see `patience`. Safe to call twice. */
  readonly stop: (lanes: LanesFate) => Promise<void>;
};

/**
 * startSupervisor prepares the data directory and starts database, signer, controller and gateway agent at once: none waits for another
 * but where it must (the controller is told to start when database and signer are there; the agent starts from its disk without the
 * controller). Rejects with StartFailure, or with what the disk said, before anything is started.
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const prepared = await prepare(options);
  const { directory, users, claim, installation, listeners } = prepared;
  const { log, up } = options;
  const plans = new ProcessPlans(options.programs, prepared);

  const signer = new SupervisedProcess(plans.signer(), log);
  const token = randomBytes(32).toString('base64url');
  const keeper = new LaneKeeper({
    directory,
    number: claim.number,
    vpnPort: installation.vpnPort,
    users,
    unit: options.unit,
    log,
  });
  const tls = await copyTls(directory, users, up.tls);
  const tasks = new AbortController();
  const backUp = up.migrateWithoutBackup !== true;
  const upgrade = await SchemaUpgrade.open({
    data: directory.root,
    program: { version: packageJson.version, commit: up.commit ?? null },
    backUp: backUp
      ? async () => await runTask(plans.backup('before-migration', options.databaseUrl), log.of('backup'), tasks.signal)
      : undefined,
    log,
  });
  const database = openDatabase(options, prepared, async () => {
    const { checkout } = prepared.view;
    await upgradeDatabase({ directory, checkout, plans, upgrade, backUp, log: log.of('postgres'), signal: tasks.signal });
  });
  const start: Omit<ControllerStart, 'portal' | 'upgrade'> = {
    kind: 'start',
    database: database.url,
    installation: { ...installation },
    gatewayTokenHash: up.gateway ? createHash('sha256').update(token).digest('hex') : null,
    dataDir: directory.root,
    tls,
  };
  const setUpLink = new SetUpLink(directory.setUpLink, { uid: 0, gid: 0 }, log);
  const controller: SupervisedProcess = new SupervisedProcess(
    plans.controller(
      async (channel) => {
        const portal = builtPortal(options.programs.portal, log);
        try {
          await Promise.all([database.available(), signer.firstReady]);
        } catch {
          // `ready` rejects for the same cause, and ends everything.
          return;
        }
        await channel.send({ ...start, portal: await portal, upgrade: upgrade.start } satisfies ControllerStart);
        await listeners.handOver(channel);
      },
      (message, channel) => {
        setUpLink.receive(message);
        void upgrade.receive(message, channel).then((failure) => failure && controller.giveUp(failure));
      },
    ),
    log,
  );
  const gateway = up.gateway ? new SupervisedProcess(plans.gateway(keeper), log) : undefined;

  signer.start();
  controller.start();
  await keeper.adopt();
  if (gateway === undefined) {
    // What an earlier start with a gateway left when it was killed: nobody would attend to it.
    await keeper.stopAll();
    await sweepKernel(claim.number, log);
  } else {
    await placeFile(directory.gatewayToken, token, { uid: users.gateway.uid, gid: users.gateway.gid, mode: 0o600 });
    gateway.start();
  }

  const published = signer.firstReady.then(() => publishCaCertificate(directory, users, up.tls));
  const backups = new ScheduledBackups({
    root: directory.root,
    plan: plans.backup('scheduled', options.databaseUrl),
    log,
    now: () => new Date(),
  });
  const ready = Promise.all([database.available(), published, controller.firstReady, gateway?.firstReady]).then(async () => {
    backups.start();
    await setUpLink.settled();
    await upgrade.settled();
    if (database.restart !== undefined) void tidyDatabase(directory, log.of('postgres'));
  });
  let stopping: Promise<void> | undefined;
  const stopAll = async (lanes: LanesFate) => {
    tasks.abort();
    await backups.stop();
    await gateway?.stop(patience.gatewayMs);
    if (lanes === 'go on') await keeper.leave();
    else {
      await keeper.stopAll();
      if (up.gateway) await sweepKernel(claim.number, log);
    }
    await controller.stop(patience.controllerMs);
    await signer.stop(patience.signerMs);
    await database.stop();
    await setUpLink.settled();
    await upgrade.settled();
    await listeners.close();
    claim.release();
  };
  return {
    url: portalUrl(installation),
    setUpLink: () => setUpLink.url,
    ready,
    parts: partsOf({ controller, gateway, signer }, database),
    lanes: () => keeper.running,
    stop: (lanes) => (stopping ??= stopAll(lanes)),
  };
}

function partsOf(
  processes: Readonly<Record<Exclude<SupervisedPart, 'database'>, SupervisedProcess | undefined>>,
  database: Database,
): Map<SupervisedPart, Part> {
  const parts = new Map<SupervisedPart, Part>();
  const { controller, gateway, signer } = processes;
  const patiences = [
    ['controller', controller, patience.controllerMs],
    ['gateway', gateway, patience.gatewayMs],
    ['signer', signer, patience.signerMs],
  ] as const;
  for (const [name, part, ms] of patiences) {
    if (part === undefined) continue;
    parts.set(name, {
      get state() {
        return part.state;
      },
      restart: () => part.restart(ms),
      check: () => part.check(),
      forgive: () => part.forgive(),
    });
  }
  const { restart } = database;
  if (restart !== undefined) {
    parts.set('database', {
      get state() {
        return database.state;
      },
      restart,
      // Its clients have bounds of their own, and the controller says when it does not answer.
      check: () => undefined,
      forgive: () => undefined,
    });
  }
  return parts;
}

function openDatabase(
  { databaseUrl, log }: SupervisorOptions,
  { directory, users, view }: Prepared,
  upgrade: () => Promise<void>,
): Database {
  if (databaseUrl !== undefined && databaseUrl !== '') return externalDatabase(databaseUrl);
  const server = new PostgresProcess({ directory, checkout: view.checkout, user: users.database, log, prepare: upgrade });
  server.start();
  return server;
}

function portalUrl({ hostname, listenPort }: Installation): string {
  return `https://${hostname.includes(':') ? `[${hostname}]` : hostname}:${String(listenPort)}`;
}
