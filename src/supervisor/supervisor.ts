import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import type { UpOptions } from '../contract/cli/up-options.ts';
import type { ControllerStart } from '../contract/controller-start.ts';
import type { AgentStart } from '../contract/lane-keeper.ts';
import { copyTls, publishCaCertificate } from './certificates.ts';
import type { DataDirectory } from './data-directory.ts';
import { dataDirectoryAt, ensureDataDirectory, placeFile } from './data-directory.ts';
import type { MountMode } from './enter-mount-view.ts';
import type { Installation, NumberClaim } from './installation.ts';
import { claimNumber, readInstallation, settleInstallation, writeInstallation } from './installation.ts';
import { sweepKernel } from './kernel-sweep.ts';
import { LaneKeeper } from './lane-keeper.ts';
import { Listeners } from './listeners.ts';
import type { Log } from './log.ts';
import type { MountView } from './mount-view.ts';
import { openTunTo, showCheckout } from './mount-view.ts';
import type { Database } from './postgres-process.ts';
import { externalDatabase, PostgresProcess } from './postgres-process.ts';
import type { Channel, ProcessPlan } from './supervised-process.ts';
import { SupervisedProcess } from './supervised-process.ts';
import type { SystemUsers } from './system-users.ts';
import { ensureSystemUsers } from './system-users.ts';

/** Programs are the entry files below the checkout; tests put stand-ins in their place. */
export type Programs = { readonly signer: string; readonly controller: string; readonly gateway: string };

export const productPrograms: Programs = {
  signer: 'src/controller/signer/main.ts',
  controller: 'src/controller/main.ts',
  gateway: 'src/gateway/main.ts',
};

/** How long each process may take to end; together the longest that `up` takes from SIGTERM to its exit. */
const patience = { gatewayMs: 3000, controllerMs: 5000, signerMs: 2000 } as const;

type SupervisorOptions = {
  readonly up: UpOptions;
  readonly mountMode: MountMode;
  readonly programs: Programs;
  readonly databaseUrl: string | undefined;
  readonly log: Log;
};

type Prepared = {
  readonly directory: DataDirectory;
  readonly users: SystemUsers;
  readonly view: MountView;
  readonly claim: NumberClaim;
  readonly installation: Installation;
  readonly listeners: Listeners;
};

/** Supervisor is the running installation. Made by startSupervisor. */
export type Supervisor = {
  readonly url: string;
  /** Resolves when everything serves: the controller answers, and (with a gateway) the lanes are attended. Rejects when it never will. */
  readonly ready: Promise<void>;
  /** Ends everything in order: agent, lanes (clients are told), controller, signer, database. Bounded, see `patience`. Safe to call twice. */
  readonly stop: () => Promise<void>;
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
  const plans = new Plans(options, prepared);

  const database = openDatabase(options, prepared);
  const signer = new SupervisedProcess(plans.signer(), log);
  const token = randomBytes(32).toString('base64url');
  const keeper = new LaneKeeper({ directory, number: claim.number, vpnPort: installation.vpnPort, users, log });
  const tls = await copyTls(directory, users, up.tls);
  const start: ControllerStart = {
    kind: 'start',
    database: database.url,
    installation: { ...installation },
    gatewayTokenHash: up.gateway ? createHash('sha256').update(token).digest('hex') : null,
    dataDir: directory.root,
    tls,
  };
  const controller = new SupervisedProcess(
    plans.controller(async (channel) => {
      try {
        await Promise.all([database.available(), signer.firstReady]);
      } catch {
        // `ready` rejects for the same cause, and ends everything.
        return;
      }
      await channel.send(start);
      await listeners.handOver(channel);
    }),
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
  const ready = Promise.all([database.available(), published, controller.firstReady, gateway?.firstReady]).then(() => undefined);
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    await gateway?.stop(patience.gatewayMs);
    await keeper.stopAll();
    if (up.gateway) await sweepKernel(claim.number, log);
    await controller.stop(patience.controllerMs);
    await signer.stop(patience.signerMs);
    await database.stop();
    await listeners.close();
    claim.release();
  };
  return { url: portalUrl(installation), ready, stop: () => (stopping ??= stopAll()) };
}

/** Everything that changes the machine before the first process starts; each step finds its own traces of an earlier, cut off start. */
async function prepare({ up, mountMode, log }: SupervisorOptions): Promise<Prepared> {
  const directory = dataDirectoryAt(up.data);
  const stored = await readInstallation(up.data);
  const claim = await claimNumber(stored?.number, log);
  const settled = await settleInstallation(up, stored, claim.number, log);
  // First of all files: it says that this directory is ours, so that a start which fails after it can be repeated.
  await writeInstallation(up.data, settled);
  const users = await ensureSystemUsers();
  await ensureDataDirectory(directory, users);
  const view = await showCheckout(mountMode, directory, log);
  if (up.gateway) await openTunTo(users.lane.gid, mountMode, directory);
  const listeners = new Listeners({
    address: up.listen.address,
    port: settled.listenPort,
    unix: {
      local: { path: directory.apiSocket, uid: 0, gid: 0, mode: 0o600 },
      ...(up.gateway ? { gateway: { path: directory.gatewaySocket, uid: 0, gid: users.controller.gid, mode: 0o660 } } : {}),
    },
  });
  await listeners.openPortal(up.listen.port === 0);
  const installation = { ...settled, listenPort: listeners.port };
  await writeInstallation(up.data, installation);
  return { directory, users, view, claim, installation, listeners };
}

function openDatabase({ databaseUrl, log }: SupervisorOptions, { directory, users, view }: Prepared): Database {
  if (databaseUrl !== undefined && databaseUrl !== '') return externalDatabase(databaseUrl);
  const server = new PostgresProcess({ directory, checkout: view.checkout, user: users.database, log });
  server.start();
  return server;
}

/** Plans says what each process is started with. */
class Plans {
  readonly #programs: Programs;
  readonly #prepared: Prepared;

  constructor({ programs }: SupervisorOptions, prepared: Prepared) {
    this.#programs = programs;
    this.#prepared = prepared;
  }

  signer(): ProcessPlan {
    const { directory, users } = this.#prepared;
    return {
      ...this.#node('signer', this.#programs.signer, [directory.signer]),
      privileges: { user: users.signer, groups: [], capabilities: [], endsWithSupervisor: true },
      readySign: { kind: 'line', line: 'signer ready' },
    };
  }

  controller(onSpawn: (channel: Channel) => Promise<void>): ProcessPlan {
    const { users } = this.#prepared;
    return {
      ...this.#node('controller', this.#programs.controller, []),
      // The group opens the socket of the database to it.
      privileges: { user: users.controller, groups: [users.database], capabilities: [], endsWithSupervisor: true },
      readySign: { kind: 'message' },
      onSpawn,
    };
  }

  gateway(keeper: LaneKeeper): ProcessPlan {
    const { directory, users, claim } = this.#prepared;
    const start: AgentStart = {
      kind: 'start',
      directory: directory.gateway,
      installation: claim.number,
      laneUser: users.lane.name,
      controller: { socketPath: directory.gatewaySocket },
    };
    return {
      ...this.#node('gateway', this.#programs.gateway, []),
      // net_raw: probes bound to a lane's device.
      privileges: {
        user: users.gateway,
        groups: [users.lane, users.controller],
        capabilities: ['net_admin', 'net_raw'],
        endsWithSupervisor: true,
      },
      readySign: { kind: 'message' },
      onSpawn: async (channel) => {
        keeper.attach(channel);
        await channel.send(start);
      },
      onMessage: (message) => keeper.receive(message),
      onExit: () => keeper.detach(),
    };
  }

  #node(
    name: string,
    program: string,
    args: readonly string[],
  ): Pick<ProcessPlan, 'name' | 'command' | 'workingDirectory' | 'environment'> {
    const { view, directory } = this.#prepared;
    return {
      name,
      command: [view.node, path.join(view.checkout, program), ...args],
      workingDirectory: '/',
      // Compiled modules are kept, each user's for itself: a second start is some 0.1 s faster for it.
      environment: { NODE_COMPILE_CACHE: path.join(directory.compileCache, name) },
    };
  }
}

function portalUrl({ hostname, listenPort }: Installation): string {
  return `https://${hostname.includes(':') ? `[${hostname}]` : hostname}:${String(listenPort)}`;
}
