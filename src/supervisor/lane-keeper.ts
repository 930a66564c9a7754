import { spawn } from 'node:child_process';
import { readFile, readdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { KeeperToAgent } from '../contract/lane-keeper.ts';
import { laneLog, renderLaneConfig } from '../core/lane-openvpn.ts';
import type { LaneId } from '../core/lanes.ts';
import { laneDevice, laneKind, lanePort } from '../core/lanes.ts';
import type { AgentMessage, LaneStartMessage } from './agent-message.ts';
import { agentMessage } from './agent-message.ts';
import type { DataDirectory } from './data-directory.ts';
import { placeFile, readOwned } from './data-directory.ts';
import { applyDeviceSettings } from './device-settings.ts';
import { findProgram, systemPath } from './find-program.ts';
import { keepLogSmall, readLogTail } from './lane-log.ts';
import type { LaneRecord } from './lane-process.ts';
import { hasEnded, isOurLane, laneRecord, processesNaming, startTicksOf } from './lane-process.ts';
import type { Log } from './log.ts';
import { withPrivileges } from './privileges.ts';
import type { Channel } from './supervised-process.ts';
import type { SystemUsers } from './system-users.ts';

/** An openvpn that is told to end tells its clients first (explicit-exit-notify), which takes it about a second. */
const laneStopPatienceMs = 5000;
const logCheckIntervalMs = 60_000;

type RunningLane = {
  readonly record: LaneRecord;
  readonly configuration: string;
  /** Settles with what is told to the agent when the process has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
};

type LaneKeeperOptions = {
  readonly directory: DataDirectory;
  readonly number: number;
  readonly vpnPort: number;
  readonly users: SystemUsers;
  readonly log: Log;
};

/**
 * LaneKeeper runs the openvpn daemons for the gateway's agent (contract/lane-keeper.ts): it alone may start processes as another user, and
 * lanes must outlive the agent. A lane is in one of these states, all changes of one lane are made one after the other:
 *
 *   absent  -> running   by lane-start (fields checked, configuration written by us), or by adopt() of what a crashed supervisor left
 *   running -> running   by lane-start with the same fields; the agent is told the state again
 *   running -> absent    by lane-stop, stopAll(), lane-start with other fields (then running again), or by the daemon's own end
 *
 * Lanes are started in a session of their own and without a parent death signal: when the supervisor is killed they go on.
 */
export class LaneKeeper {
  readonly #options: LaneKeeperOptions;
  readonly #log: Log;
  readonly #lanes = new Map<LaneId, RunningLane>();
  readonly #queues = new Map<LaneId, Promise<void>>();
  readonly #closing = new AbortController();
  #stopping = false;
  #agent: Channel | undefined;

  constructor(options: LaneKeeperOptions) {
    this.#options = options;
    this.#log = options.log.of('lane');
  }

  /** pids of the lanes that run, by lane. */
  get pids(): ReadonlyMap<LaneId, number> {
    return new Map([...this.#lanes].map(([lane, { record }]) => [lane, record.pid]));
  }

  /** adopt takes over the lanes that an earlier supervisor left running. Records of lanes that are gone are removed. */
  async adopt(): Promise<void> {
    for (const name of await readdir(this.#options.directory.laneKeeper)) {
      const lane = /^([utc]\d{1,3})\.json$/.exec(name)?.[1];
      if (lane !== undefined) await this.#adoptLane(lane as LaneId);
    }
    await this.#endStrays();
    void this.#tendLogs();
  }

  attach(agent: Channel): void {
    this.#agent = agent;
  }

  detach(): void {
    this.#agent = undefined;
  }

  /** receive acts on a message of the agent. Never throws: what is not allowed is logged, and answered where the agent waits. */
  receive(message: unknown): void {
    const parsed = agentMessage.safeParse(message);
    if (!parsed.success) {
      this.#log.warn('refused a message of the gateway agent', {
        reason: parsed.error.issues[0]?.message ?? 'unknown',
        message: JSON.stringify(message).slice(0, 300),
      });
      return;
    }
    void this.#act(parsed.data);
  }

  /** stopAll ends every lane in order; clients are told and reconnect when it runs again. */
  async stopAll(): Promise<void> {
    this.#stopping = true;
    // The queues: a lane that is just being started is ended too.
    const lanes = new Set([...this.#lanes.keys(), ...this.#queues.keys()]);
    await Promise.all([...lanes].map((lane) => this.#queue(lane, () => this.#stop(lane))));
    this.#closing.abort();
  }

  async #act(message: AgentMessage): Promise<void> {
    switch (message.kind) {
      case 'lane-start':
        return this.#queue(message.lane, () => this.#start(message));
      case 'lane-stop':
        return this.#queue(message.lane, () => this.#stop(message.lane));
      case 'lane-list':
        for (const [lane, { record }] of this.#lanes) this.#tellRunning(lane, record);
        this.#tell({ kind: 'lane-list-end' });
        return;
      case 'device-settings':
        return this.#setDevice(message.device);
    }
  }

  #queue(lane: LaneId, action: () => Promise<void>): Promise<void> {
    const turn = (this.#queues.get(lane) ?? Promise.resolve()).then(action).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.warn('failed', { lane, reason });
      this.#tell({ kind: 'lane-state', lane, state: 'exited', code: null, logTail: reason });
    });
    this.#queues.set(lane, turn);
    return turn;
  }

  async #start(message: LaneStartMessage): Promise<void> {
    const { kind: _kind, ...fields } = message;
    this.#requireOurs(message);
    if (this.#stopping) return;
    const { directory, users } = this.#options;
    const configuration = renderLaneConfig({ ...fields, directory: directory.gateway, managementUser: users.gateway.name });
    const running = this.#lanes.get(message.lane);
    if (running?.configuration === configuration) return this.#tellRunning(message.lane, running.record);
    if (running !== undefined) await this.#stop(message.lane);
    await placeFile(this.#configurationFile(message.lane), configuration, { uid: 0, gid: users.lane.gid, mode: 0o640 });
    const lane = await this.#launch(message, configuration);
    await placeFile(this.#recordFile(message.lane), `${JSON.stringify(lane.record)}\n`, { uid: 0, gid: 0, mode: 0o600 });
    this.#keep(message.lane, lane);
    this.#tellRunning(message.lane, lane.record);
  }

  /** Device and port follow from lane, installation and vpn-port; anything else is not a lane of ours. */
  #requireOurs({ lane, device, port, protocol }: LaneStartMessage): void {
    const { number, vpnPort } = this.#options;
    const wanted = {
      device: laneDevice(number, lane),
      port: lanePort(lane, vpnPort),
      protocol: laneKind(lane) === 'shared' ? 'tcp' : 'udp',
    };
    if (device === wanted.device && port === wanted.port && protocol === wanted.protocol) return;
    throw new Error(
      `lane ${lane} of this installation is ${wanted.protocol} port ${String(wanted.port)} on ${wanted.device}, and ${protocol} port ${String(port)} on ${device} was asked for`,
    );
  }

  async #launch({ lane, port }: LaneStartMessage, configuration: string): Promise<RunningLane> {
    const openvpn = await findProgram('openvpn');
    if (openvpn === undefined) throw new Error('openvpn is not installed any more: install the package openvpn');
    const [program = '', ...args] = await withPrivileges(
      // Below 1024 the kernel asks for a capability; every other lane has none at all.
      {
        user: this.#options.users.lane,
        groups: [],
        capabilities: port < 1024 ? ['net_bind_service'] : [],
        endsWithSupervisor: false,
      },
      [openvpn, '--config', this.#configurationFile(lane)],
    );
    const child = spawn(program, args, {
      cwd: '/',
      env: { PATH: systemPath, LANG: 'C.UTF-8' },
      // What it says before it has opened its log comes here; afterwards it writes there alone, so nothing breaks when we are gone.
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => output.length < 20 && output.push(chunk.toString('utf8')));
    const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
      child.once('error', (error) => resolve({ code: null, output: error.message }));
      child.once('close', (code) => resolve({ code, output: output.join('').trim() }));
    });
    const { pid } = child;
    const startTicks = pid === undefined ? undefined : await startTicksOf(pid);
    if (pid === undefined || startTicks === undefined) throw new Error(`openvpn ended at once: ${(await ended).output}`);
    return { record: { pid, startTicks, startedAt: Date.now() }, configuration, ended };
  }

  #keep(lane: LaneId, running: RunningLane): void {
    this.#lanes.set(lane, running);
    this.#log.info('running', { lane, pid: running.record.pid });
    void running.ended.then(async ({ code, output }) => {
      if (this.#lanes.get(lane) !== running) return;
      this.#lanes.delete(lane);
      const logTail = [output, await readLogTail(this.#logFile(lane), this.#options.users.lane.uid)]
        .filter((text) => text !== '')
        .join('\n');
      await unlink(this.#recordFile(lane)).catch(() => undefined);
      this.#log.warn('ended', { lane, code, lastLine: logTail.split('\n').at(-1) });
      this.#tell({ kind: 'lane-state', lane, state: 'exited', code, logTail });
    });
  }

  async #stop(lane: LaneId): Promise<void> {
    const running = this.#lanes.get(lane);
    if (running === undefined) {
      this.#tell({ kind: 'lane-state', lane, state: 'exited', code: null, logTail: '' });
      return;
    }
    // From here on the end is ours to report.
    this.#lanes.delete(lane);
    await endLane(running.record);
    await unlink(this.#recordFile(lane)).catch(() => undefined);
    this.#log.info('stopped', { lane, pid: running.record.pid });
    this.#tell({ kind: 'lane-state', lane, state: 'exited', code: 0, logTail: '' });
  }

  async #adoptLane(lane: LaneId): Promise<void> {
    const record = await this.#readRecord(lane);
    const configuration = await readFile(this.#configurationFile(lane), 'utf8').catch(() => '');
    if (record === undefined || !(await isOurLane(record, this.#configurationFile(lane), this.#options.users.lane.uid))) {
      await unlink(this.#recordFile(lane)).catch(() => undefined);
      return;
    }
    const ended = hasEnded(record, this.#closing.signal)
      // The signal only says that nobody waits for the answer any more.
      .catch(() => undefined)
      .then(() => ({ code: null, output: '' }));
    this.#log.info('adopted', { lane, pid: record.pid });
    this.#keep(lane, { record, configuration, ended });
  }

  /** A supervisor that was killed between starting a lane and recording it leaves one that nobody knows, but that holds the lane's port. */
  async #endStrays(): Promise<void> {
    const known = new Set(this.pids.values());
    for (const pid of await processesNaming(this.#options.directory.laneKeeper, this.#options.users.lane.uid)) {
      const startTicks = await startTicksOf(pid);
      if (known.has(pid) || startTicks === undefined) continue;
      this.#log.warn('ending a lane without a record', { pid });
      await endLane({ pid, startTicks });
    }
  }

  async #readRecord(lane: LaneId): Promise<LaneRecord | undefined> {
    const text = await readOwned(this.#recordFile(lane), 0, 4096);
    try {
      return laneRecord.parse(JSON.parse(text ?? ''));
    } catch {
      // A record that was cut off by a crash names no process: whatever runs on this lane's port is told by its next start.
      return undefined;
    }
  }

  async #setDevice(device: string): Promise<void> {
    const lane = device.slice(device.indexOf('-') + 1);
    const isOurs = /^[utc](0|[1-9]\d{0,2})$/.test(lane) && device === laneDevice(this.#options.number, lane as LaneId);
    try {
      if (!isOurs) throw new Error(`${JSON.stringify(device)} is not a tun of this installation`);
      await applyDeviceSettings(device);
      this.#tell({ kind: 'device-settings-done', device });
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      this.#log.warn('device settings failed', { error });
      this.#tell({ kind: 'device-settings-done', device, error });
    }
  }

  async #tendLogs(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await delay(logCheckIntervalMs, undefined, { signal, ref: false }).catch(() => undefined);
      for (const lane of this.#lanes.keys()) await keepLogSmall(this.#logFile(lane), this.#options.users.lane.uid);
    }
  }

  #tellRunning(lane: LaneId, { pid, startedAt }: LaneRecord): void {
    this.#tell({ kind: 'lane-state', lane, state: 'running', pid, startedAt });
  }

  #tell(message: KeeperToAgent): void {
    void this.#agent?.send(message);
  }

  #configurationFile(lane: LaneId): string {
    return path.join(this.#options.directory.laneKeeper, `${lane}.conf`);
  }

  #recordFile(lane: LaneId): string {
    return path.join(this.#options.directory.laneKeeper, `${lane}.json`);
  }

  #logFile(lane: LaneId): string {
    return laneLog(this.#options.directory.gateway, lane);
  }
}

/** Ends the process in order, by force when it does not listen. Adopted lanes are not our children: their identity is asked each time. */
async function endLane(record: Pick<LaneRecord, 'pid' | 'startTicks'>): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGTERM', laneStopPatienceMs],
    ['SIGKILL', laneStopPatienceMs],
  ] as const) {
    if ((await startTicksOf(record.pid)) !== record.startTicks) return;
    process.kill(record.pid, signal);
    await hasEnded(record, AbortSignal.timeout(patienceMs)).catch(() => undefined);
  }
}
