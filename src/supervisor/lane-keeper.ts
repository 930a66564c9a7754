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
import { keepLogSmall, readLogTail } from './lane-log.ts';
import type { LaneEnd, LaneRecord } from './lane-process.ts';
import { endLane, hasEnded, isOurLane, laneRecord, launchLane, processesNaming, startTicksOf } from './lane-process.ts';
import type { Log } from './log.ts';
import { SettingsKeeper } from './settings-keeper.ts';
import type { Channel } from './supervised-process.ts';
import type { SystemUsers } from './system-users.ts';

const logCheckIntervalMs = 60_000;
const defaultSettingsEveryMs = 5_000;

type RunningLane = {
  readonly record: LaneRecord;
  readonly configuration: string;
  /** Settles with what is told to the agent when the process has ended. */
  readonly ended: Promise<LaneEnd>;
};

type LaneKeeperOptions = {
  readonly directory: DataDirectory;
  readonly number: number;
  readonly vpnPort: number;
  readonly users: SystemUsers;
  /** The systemd unit that we are; undefined where lanes stay where their supervisor is. */
  readonly unit: string | undefined;
  readonly log: Log;
  /** Milliseconds between two looks at what the kernel is set to. */
  readonly settingsEveryMs?: number;
};

/**
 * LaneKeeper runs the openvpn daemons for the gateway's agent (contract/lane-keeper.ts): it alone may start processes as another user, and
 * lanes must outlive the agent. A lane is in one of these states, all changes of one lane are made one after the other:
 *
 *   absent  -> running   by lane-start (fields checked, configuration written by us), or by adopt() of what a crashed supervisor left
 *   running -> running   by lane-start with the same fields; the agent is told the state again
 *   running -> absent    by lane-stop, stopAll(), lane-start with other fields (then running again), or by the daemon's own end
 *
 * Lanes are started in a session of their own and without a parent death signal: when the supervisor is killed they go on, as after leave().
 */
export class LaneKeeper {
  readonly #options: LaneKeeperOptions;
  readonly #log: Log;
  readonly #lanes = new Map<LaneId, RunningLane>();
  readonly #queues = new Map<LaneId, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #settings: SettingsKeeper;
  #stopping = false;
  #agent: Channel | undefined;

  constructor(options: LaneKeeperOptions) {
    this.#options = options;
    this.#log = options.log.of('lane');
    this.#settings = new SettingsKeeper({
      everyMs: options.settingsEveryMs ?? defaultSettingsEveryMs,
      log: this.#log,
      signal: this.#closing.signal,
      machine: (problem) => this.#tell({ kind: 'machine-settings', problem }),
      device: (device, error) => this.#tellDevice(device, error),
    });
  }

  /** The lanes that run. */
  get running(): readonly { readonly lane: LaneId; readonly pid: number; readonly startedAt: number }[] {
    return [...this.#lanes].map(([lane, { record }]) => ({ lane, pid: record.pid, startedAt: record.startedAt }));
  }

  /** adopt takes over the lanes that an earlier supervisor left running. Records of lanes that are gone are removed. */
  async adopt(): Promise<void> {
    for (const name of await readdir(this.#options.directory.laneKeeper)) {
      const lane = /^([utch]\d{1,3})\.json$/.exec(name)?.[1];
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

  /** leave lets every lane go on without us, for the next supervisor to adopt. What the agent still asks for is not done. */
  async leave(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#queues.values());
    for (const [lane, { record }] of this.#lanes) this.#log.info('left running', { lane, pid: record.pid });
    // No longer ours: that we stop watching is no end, and their records have to stay.
    this.#lanes.clear();
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
    const { directory, users, unit, number } = this.#options;
    const configuration = renderLaneConfig({ ...fields, directory: directory.gateway, managementUser: users.gateway.name });
    const running = this.#lanes.get(message.lane);
    if (running?.configuration === configuration) return this.#tellRunning(message.lane, running.record);
    if (running !== undefined) await this.#stop(message.lane);
    await placeFile(this.#configurationFile(message.lane), configuration, { uid: 0, gid: users.lane.gid, mode: 0o640 });
    const launched = await launchLane({
      user: users.lane,
      port: message.port,
      configurationFile: this.#configurationFile(message.lane),
      scope: unit === undefined ? undefined : { unit, number, lane: message.lane },
    });
    const lane = { ...launched, configuration };
    try {
      await placeFile(this.#recordFile(message.lane), `${JSON.stringify(lane.record)}\n`, { uid: 0, gid: 0, mode: 0o600 });
    } catch (cause) {
      // A full disk. Unknown to us it would wait for its agent for ever, beside the one that is started next.
      await endLane(lane.record);
      throw cause;
    }
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
    const known = new Set(this.running.map(({ pid }) => pid));
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
    const isOurs = /^[utch](0|[1-9]\d{0,2})$/.test(lane) && device === laneDevice(this.#options.number, lane as LaneId);
    if (isOurs) return await this.#settings.set(device);
    const error = `${JSON.stringify(device)} is not a tun of this installation`;
    this.#log.warn('device settings failed', { error });
    this.#tellDevice(device, error);
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

  #tellDevice(device: string, error: string | undefined): void {
    this.#tell({ kind: 'device-settings-done', device, ...(error === undefined ? {} : { error }) });
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
