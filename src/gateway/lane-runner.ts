import { chmod, mkdir } from 'node:fs/promises';
import type { LaneReport } from '../contract/gateway.ts';
import type { LaneStart } from '../contract/lane-keeper.ts';
import { laneDirectory, laneSocket } from '../core/lane-openvpn.ts';
import type { LaneId } from '../core/lanes.ts';
import type { LaneKeeper, LaneState } from './lane-keeper.ts';
import { daemonName } from './lane-keeper.ts';
import type { Log } from './log.ts';
import type { LaneAuthority } from './management/lane-session.ts';
import { LaneSession } from './management/lane-session.ts';
import type { GatewaySettings } from './settings.ts';

export type LaneSpec = Omit<LaneStart, 'kind'>;

export type LaneRunnerOptions = {
  readonly keeper: LaneKeeper;
  readonly directory: string;
  readonly settings: GatewaySettings;
  readonly authority: LaneAuthority;
  readonly log: Log;
  /** A wanted lane's daemon ended. */
  readonly exited: (lane: LaneId) => void;
  /** The lane's state changed: the kernel or the next report may have something to do. */
  readonly changed: () => void;
};

/** Between two tries to reach the management socket of a daemon that has just started. */
const attachEveryMs = 30;

type Daemon = { readonly name: string; readonly startedAt: number; readonly attached: boolean };

/**
 * LaneRunner keeps one lane running and attended, as far as it is wanted.
 *
 * States (`report` gives them as up, starting or down):
 *   waiting    no daemon; the tun is not there yet, or its settings are not. Left by `deviceReady` and the keeper's answer.
 *   starting   `lane-start` is sent, or the pause after a daemon's end runs.
 *   attaching  a daemon runs (started for us, or found): its management socket is tried until it answers.
 *   up         a LaneSession is attached.
 *   stopping   not wanted any more: `lane-stop` is sent. Left by the keeper's `exited`; then `finished` is true.
 * From any state: `running` with another daemon leads to attaching, `exited` to starting after a pause (doubled each time, reset by an
 * attach). A connection that ends while its daemon runs leads to attaching. Ignored: `running` of the daemon that is known.
 */
export class LaneRunner {
  readonly lane: LaneId;
  readonly #options: LaneRunnerOptions;
  #spec: LaneSpec | null;
  #device: 'missing' | 'asked' | 'ready' = 'missing';
  #daemon: Daemon | null = null;
  #session: LaneSession | null = null;
  #pauseMs: number;
  #timer: NodeJS.Timeout | null = null;
  #reason = '';
  #finished = false;
  #settingsError: string | undefined;

  constructor(lane: LaneId, spec: LaneSpec | null, options: LaneRunnerOptions) {
    this.lane = lane;
    this.#spec = spec;
    this.#options = options;
    this.#pauseMs = options.settings.restartMs[0];
  }

  get isRunning(): boolean {
    return this.#daemon !== null;
  }

  /** What its tun should be set to and is not. */
  get settingsError(): string | undefined {
    return this.#settingsError;
  }

  get isUp(): boolean {
    return this.#session !== null;
  }

  /** A daemon runs that has not told who is connected: it was there before this agent. */
  get isUndecided(): boolean {
    return this.#daemon !== null && !this.#daemon.attached;
  }

  /** The lane was not wanted, and its daemon is gone. */
  get isFinished(): boolean {
    return this.#finished;
  }

  /** want gives the lane another specification, or none: then it is stopped. The same one again changes nothing. */
  want(spec: LaneSpec | null): void {
    if (JSON.stringify(spec) === JSON.stringify(this.#spec)) return;
    this.#spec = spec;
    if (spec !== null) return this.#start();
    this.#clearTimer();
    if (this.#daemon === null) this.#finish();
    else this.#options.keeper.send({ kind: 'lane-stop', lane: this.lane });
  }

  /** When the daemon that runs was started (milliseconds since 1970): what it reads only then, it has from then. Null without one. */
  get startedAt(): number | null {
    return this.#daemon?.startedAt ?? null;
  }

  /** startAnew ends the daemon, whose clients are told to connect again; it comes back with what is on disk now. */
  startAnew(): void {
    if (this.#daemon !== null) this.#options.keeper.send({ kind: 'lane-stop', lane: this.lane });
  }

  /** deviceReady tells that the tun exists and is up. Only the first time matters. */
  deviceReady(): void {
    if (this.#device !== 'missing' || this.#spec === null) return;
    this.#device = 'asked';
    this.#options.keeper.send({ kind: 'device-settings', device: this.#spec.device });
  }

  /** deviceSettingsDone is the keeper's answer. Without its settings a tun may still carry packets: that is said, not waited for. */
  deviceSettingsDone(error: string | undefined): void {
    if (error !== undefined) this.#options.log.warn(`settings of the device of lane ${this.lane}: ${error}`);
    if (error !== this.#settingsError) this.#options.changed();
    this.#settingsError = error;
    if (this.#device === 'ready') return;
    this.#device = 'ready';
    this.#start();
  }

  /** deviceLost tells that the tun was gone and has been made anew: a daemon that still runs holds the old one. */
  deviceLost(): void {
    this.#device = 'missing';
    if (this.#daemon === null) return;
    this.#options.log.warn(`the tun of lane ${this.lane} was removed by somebody; the lane is started again`);
    this.#options.keeper.send({ kind: 'lane-stop', lane: this.lane });
  }

  /** told takes in what the keeper says of the daemon. */
  told(state: LaneState): void {
    if (state.state === 'running') {
      const name = daemonName(state);
      if (this.#daemon?.name === name) return;
      this.#ended();
      this.#daemon = { name, startedAt: state.startedAt, attached: false };
      this.#options.changed();
      void this.#attach(name);
      return;
    }
    this.#reason = lastWords(state.logTail);
    this.#ended();
    if (this.#spec === null) return this.#finish();
    this.#options.exited(this.lane);
    this.#options.log.warn(
      `lane ${this.lane} ended${state.code === null ? '' : ` with code ${String(state.code)}`}: ${this.#reason}`,
    );
    this.#timer = setTimeout(() => this.#start(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.settings.restartMs[1]);
    this.#options.changed();
  }

  /** kill sends a client of the running daemon away; without effect if the lane is not attended. */
  async kill(daemon: string, cid: number, how: 'RESTART' | 'HALT'): Promise<void> {
    if (this.#session?.daemon === daemon) await this.#session.kill(cid, how);
  }

  /** update tells a client of the running daemon other options; false if that cannot be done. */
  async update(daemon: string, cid: number, chunks: readonly string[]): Promise<boolean> {
    return this.#session?.daemon === daemon && (await this.#session.update(cid, chunks));
  }

  /** refresh asks the daemon for its clients again. */
  async refresh(): Promise<void> {
    await this.#session?.refresh().catch(() => undefined);
  }

  /** close lets go of the daemon, which goes on. */
  close(): void {
    this.#spec = null;
    this.#clearTimer();
    this.#daemon = null;
    this.#session?.close();
    this.#session = null;
  }

  report(clients: number): LaneReport | null {
    if (this.#spec === null) return null;
    const { device, protocol, port } = this.#spec;
    const state = this.#session !== null ? 'up' : this.#pauseMs > this.#options.settings.restartMs[0] ? 'down' : 'starting';
    return {
      id: this.lane,
      state,
      device,
      protocol,
      port,
      clients,
      ...(state === 'up' || this.#reason === '' ? {} : { reason: this.#reason }),
    };
  }

  #start(): void {
    const spec = this.#spec;
    if (spec === null || this.#device !== 'ready') return;
    const path = laneDirectory(this.#options.directory, this.lane);
    // The lane's user is in the directory's group (it comes down from DIR/gateway by the setgid bit) and makes its socket and log there.
    mkdir(path, { recursive: true })
      .then(() => chmod(path, 0o2770))
      .then(() => this.#options.keeper.send({ kind: 'lane-start', ...spec }))
      .catch((cause: unknown) => this.#options.log.warn(`cannot make the directory of lane ${this.lane}`, cause));
  }

  async #attach(name: string): Promise<void> {
    const { directory, authority, settings } = this.#options;
    while (this.#daemon?.name === name) {
      try {
        const session = await LaneSession.open(this.lane, laneSocket(directory, this.lane), name, authority, {
          bytecountSeconds: settings.bytecountSeconds,
          renegotiationSeconds: Math.min(settings.lane.renegotiationSeconds, foreignRenegotiationSeconds),
        });
        if (this.#daemon?.name !== name) return session.close();
        this.#session = session;
        this.#daemon = { ...this.#daemon, attached: true };
        this.#pauseMs = settings.restartMs[0];
        this.#reason = '';
        this.#options.changed();
        const cause = await session.closed;
        if (this.#session !== session) return;
        this.#session = null;
        this.#reason = cause.message.slice(0, 300);
        this.#options.changed();
      } catch (cause) {
        // Not there yet, or gone again: the keeper tells when the daemon ended, and until then it is tried.
        this.#reason = `cannot attach: ${cause instanceof Error ? cause.message : 'unknown'}`.slice(0, 300);
      }
      await new Promise((resolve) => setTimeout(resolve, attachEveryMs));
    }
  }

  #ended(): void {
    this.#clearTimer();
    const daemon = this.#daemon;
    this.#daemon = null;
    this.#session?.close();
    this.#session = null;
    if (daemon !== null) this.#options.authority.restarted(this.lane, daemon.name);
  }

  #finish(): void {
    this.#finished = true;
    this.#options.changed();
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** What openvpn says last is that it exits; why stands before it. */
function lastWords(logTail: string): string {
  const lines = logTail.trim().split('\n');
  return (lines.findLast((line) => !line.includes('Exiting due to fatal error')) ?? '').slice(0, 300);
}

/** openvpn's default: a stock client without our profile's reneg-sec may ask that often. */
const foreignRenegotiationSeconds = 3600;
