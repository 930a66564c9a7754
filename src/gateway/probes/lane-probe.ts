import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ProbeResult } from '../../core/failover/probe-track.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { readFpingLine } from './fping-line.ts';

/** ProbeSpec is what is probed through one lane: pings of all addresses leave by the device, whatever the kernel's routes say. */
export type ProbeSpec = {
  readonly device: string;
  readonly source: AddressText;
  readonly addresses: readonly AddressText[];
  readonly timeoutMs: number;
};

export type LaneProbeOptions = {
  readonly periodMs: number;
  readonly heard: (result: ProbeResult) => void;
  /** fping cannot be started, or cannot probe: nothing is known of the connector then. */
  readonly broken: (cause: Error) => void;
};

/** Between the end of an fping and the start of the next, doubled each time up to the second number until one says something. */
const restartMs = [100, 3_000] as const;

/** Periods after which an fping that should have said something counts as stuck: its pings cannot be sent, or it hangs. */
const stuckAfterPeriods = 4;

/** As fping 5.1 says it, in the kernel's words. */
const noDevice = /No such device/;

/**
 * LaneProbe probes one connector with one fping that lives as long as nothing changes: `-l` prints a line for each probe at once, also
 * into a pipe. It says itself what is missed, so an agent that is busy for a moment takes nothing for a miss.
 *
 * The process ends with the agent, however that ends: it is killed by SIGPIPE at its next line, within a period and a timeout. (A signal
 * at the parent's death is no way: the kernel forgets it when a program with capabilities of its own, as fping, is executed.)
 */
export class LaneProbe {
  readonly #options: LaneProbeOptions;
  #spec: ProbeSpec;
  #process: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #pauseMs: number = restartMs[0];
  #heardAt = 0;
  /** The one that runs has said something. */
  #hasSpoken = false;
  #silentLooks = 0;

  constructor(spec: ProbeSpec, options: LaneProbeOptions) {
    this.#spec = spec;
    this.#options = options;
    this.#start();
  }

  /** want probes by another specification from now on; the same again changes nothing. A timeout may stay that is a little too long. */
  want(spec: ProbeSpec): void {
    const before = this.#spec;
    const isPatientEnough = spec.timeoutMs <= before.timeoutMs && spec.timeoutMs > before.timeoutMs / 2;
    const timeoutMs = isPatientEnough ? before.timeoutMs : spec.timeoutMs;
    this.#spec = { ...spec, timeoutMs };
    if (JSON.stringify(this.#spec) !== JSON.stringify(before)) this.restart();
  }

  /** restart begins anew; what is under way is neither answered nor missed. */
  restart(): void {
    this.stop();
    this.#start();
  }

  /** look finds an fping that has fallen silent. To be called about once a period; `now` is monotonic. */
  look(now: number): void {
    const { timeoutMs } = this.#spec;
    const isSilent = this.#process !== null && now - this.#heardAt > timeoutMs + stuckAfterPeriods * this.#options.periodMs;
    // Timers come before what is to be read: after a pause of the agent the first look finds silence that is none.
    this.#silentLooks = isSilent ? this.#silentLooks + 1 : 0;
    if (this.#silentLooks < 2) return;
    this.#missAll();
    this.restart();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const child = this.#process;
    this.#process = null;
    child?.kill('SIGKILL');
  }

  #start(): void {
    const { device, source, addresses, timeoutMs } = this.#spec;
    const { periodMs } = this.#options;
    const times = ['-p', String(periodMs), '-t', String(timeoutMs), '-i', '1'];
    const child = spawn('fping', ['-4', '-l', ...times, '-I', device, '-S', source, '--', ...addresses], {
      env: { PATH: `/usr/sbin:/sbin:${process.env['PATH'] ?? '/usr/bin:/bin'}`, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#timer = null;
    this.#heardAt = performance.now();
    this.#hasSpoken = false;
    this.#silentLooks = 0;
    let lastWords = '';
    const isCurrent = () => this.#process === child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const result = isCurrent() ? readFpingLine(line) : null;
      if (result === null) return;
      this.#heardAt = performance.now();
      this.#hasSpoken = true;
      this.#pauseMs = restartMs[0];
      this.#options.heard(result);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (lastWords = text.trim().slice(-200)));
    child.on('error', (cause) => {
      if (!isCurrent()) return;
      this.#process = null;
      this.#options.broken(new Error('fping cannot be started; is its package installed?', { cause }));
      this.#startLater();
    });
    child.on('close', (code) => {
      if (!isCurrent()) return;
      this.#process = null;
      // Its device is gone, or somebody ended it: no ping of this time is answered. What it cannot do for another reason (its rights, an
      // address that is not there yet) says nothing about the connector, and must not have its traffic refused.
      if (code === null || this.#hasSpoken || noDevice.test(lastWords)) this.#missAll();
      else this.#options.broken(new Error(`fping ended with code ${String(code)}: ${lastWords}`));
      this.#startLater();
    });
  }

  #startLater(): void {
    this.#timer = setTimeout(() => this.#start(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, restartMs[1]);
  }

  #missAll(): void {
    for (const address of this.#spec.addresses) this.#options.heard({ kind: 'missed', address });
  }
}
