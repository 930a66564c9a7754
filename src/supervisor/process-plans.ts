import path from 'node:path';
import type { BackupOptions } from '../contract/cli/backup-options.ts';
import type { AgentStart } from '../contract/lane-keeper.ts';
import type { LaneKeeper } from './lane-keeper.ts';
import type { Prepared } from './prepare.ts';
import type { TaskPlan } from './run-task.ts';
import { askSigner } from './signer-question.ts';
import type { Channel, ProcessPlan } from './supervised-process.ts';

/** Programs are the entry files below the checkout; tests put stand-ins in their place. */
export type Programs = {
  readonly signer: string;
  readonly controller: string;
  readonly gateway: string;
  /** Builds the portal, or says where it is. */
  readonly portal: string;
  readonly backup: string;
  /** Moves the database to the next major version of its server. */
  readonly nextMajor: string;
};

export const productPrograms: Programs = {
  signer: 'src/controller/signer/main.ts',
  controller: 'src/controller/main.ts',
  gateway: 'src/gateway/main.ts',
  portal: 'src/portal-build/main.ts',
  backup: 'src/backup/main.ts',
  nextMajor: 'src/backup/next-major/main.ts',
};

/** For development and tests (src/gateway/main.ts): whoever starts `up` may shorten the gateway's times. */
const gatewayTimes = 'CAUSEWAY_GATEWAY_SETTINGS';

/** How much the controller says (docs/logs.md). */
const logLevel = 'CAUSEWAY_LOG_LEVEL';

/**
 * What the SDK of AWS looks for, where whoever starts `up` has set it: the controller reads clouds with it (docs/tracing.md). Nobody else gets it.
 */
const ofAws = [
  'AWS_ACCESS_KEY_ID',
  'AWS_CONFIG_FILE',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_ROLE_ARN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
] as const;

/** ProcessPlans says what each process is started with: program, user, groups, capabilities (design.md 7, "Who runs as what"). */
export class ProcessPlans {
  readonly #programs: Programs;
  readonly #prepared: Prepared;

  constructor(programs: Programs, prepared: Prepared) {
    this.#programs = programs;
    this.#prepared = prepared;
  }

  signer(): ProcessPlan {
    const { directory, users } = this.#prepared;
    return {
      ...this.#node('signer', this.#programs.signer, [directory.signer]),
      privileges: { user: users.signer, groups: [], capabilities: [], endsWithSupervisor: true },
      readySign: { kind: 'line', line: 'signer ready' },
      ask: () => askSigner(directory.signerSocket),
    };
  }

  controller(onSpawn: (channel: Channel) => Promise<void>, onMessage: (message: unknown, channel: Channel) => void): ProcessPlan {
    const { users } = this.#prepared;
    const node = this.#node('controller', this.#programs.controller, []);
    const given = [...ofAws, logLevel].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return {
      ...node,
      environment: { ...node.environment, ...Object.fromEntries(given) },
      // The group opens the socket of the database to it.
      privileges: { user: users.controller, groups: [users.database], capabilities: [], endsWithSupervisor: true },
      readySign: { kind: 'message' },
      onSpawn,
      onMessage,
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
    const node = this.#node('gateway', this.#programs.gateway, []);
    const times = process.env[gatewayTimes];
    return {
      ...node,
      environment: { ...node.environment, ...(times === undefined ? {} : { [gatewayTimes]: times }) },
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

  /**
   * Root without root's rights but one: it reads keys that belong to the others, and connects to a socket of theirs. It writes where the
   * operator says, or into DIR/backups, takes no input from the network and ends when it is done.
   */
  backup(action: 'scheduled' | 'before-migration', databaseUrl: string | undefined): TaskPlan {
    const { directory } = this.#prepared;
    const options: BackupOptions = { action, data: directory.root };
    const node = this.#node('backup', this.#programs.backup, [JSON.stringify(options)]);
    return {
      ...node,
      environment: { ...node.environment, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) },
      privileges: {
        user: { name: 'root', uid: 0, gid: 0 },
        groups: [],
        capabilities: ['dac_override'],
        endsWithSupervisor: true,
      },
    };
  }

  /** Root with what it takes to run two servers as the database's user, and to make their directories. */
  nextMajor(options: { readonly oldPackage: string; readonly newPackage: string; readonly backUp: boolean }): TaskPlan {
    const { directory } = this.#prepared;
    return {
      ...this.#node('backup', this.#programs.nextMajor, [JSON.stringify({ data: directory.root, ...options })]),
      privileges: {
        user: { name: 'root', uid: 0, gid: 0 },
        groups: [],
        capabilities: ['chown', 'dac_override', 'fowner', 'kill', 'setgid', 'setuid'],
        endsWithSupervisor: true,
      },
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
      // Our own options of Node are theirs too: all of them idle for months (src/cli/commands/up.ts).
      command: [view.node, ...process.execArgv, path.join(view.checkout, program), ...args],
      workingDirectory: '/',
      // Compiled modules are kept, each user's for itself: a second start is some 0.1 s faster for it.
      environment: { NODE_COMPILE_CACHE: path.join(directory.compileCache, name) },
    };
  }
}
