import type { ChildProcess, SendHandle } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { ping, pong } from '../contract/supervisor-control.ts';
import { nextDelay } from './backoff.ts';
import { systemPath } from './find-program.ts';
import type { Log } from './log.ts';
import type { Privileges } from './privileges.ts';
import { withPrivileges } from './privileges.ts';

const disconnectPatienceMs = 5000;

/** So many questions in a row without an answer (attend.ts asks every 15 s), and a process counts as one that hangs. */
const mostUnanswered = 4;

/** PartState is how a part stands, for people. `startedAt` is clock time in milliseconds. */
export type PartState = { readonly pid: number; readonly startedAt: number; readonly ready: boolean } | null;

/** Part is what of a process the watch and root's requests use. */
export type Part = {
  readonly state: PartState;
  /** Ends it in order; resolves when its successor is ready. */
  readonly restart: () => Promise<void>;
  /** Asks it whether it still takes turns; ends it when it has not answered for long. */
  readonly check: () => void;
  /** What it has not answered so far does not count: we were away ourselves. */
  readonly forgive: () => void;
};

/** How a process says that it serves: by an IPC message `{kind: 'ready'}`, or by a line on its stdout (those have no IPC channel). */
export type ReadySign = { readonly kind: 'message' } | { readonly kind: 'line'; readonly line: string };

export type ProcessPlan = {
  readonly name: string;
  readonly command: readonly string[];
  readonly privileges: Privileges;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly readySign: ReadySign;
  /** Called for each new process, to send it what it needs to start. A rejection ends that process; it is started again. */
  readonly onSpawn?: (channel: Channel) => Promise<void>;
  readonly onMessage?: (message: unknown, channel: Channel) => void;
  readonly onExit?: () => void;
  /** Where there is no channel: asks it whether it takes turns. A rejection is no answer. */
  readonly ask?: () => Promise<void>;
};

/** Channel is the IPC channel to one life of a process. What is sent after its end is dropped: the next life is told everything anew. */
export type Channel = { readonly send: (message: object, handle?: SendHandle) => Promise<void> };

/**
 * SupervisedProcess keeps one process alive. States:
 *
 *   idle      -> starting   by start()
 *   starting  -> ready      by the ready sign
 *   starting, ready -> waiting   by the end of the process, whatever its code; then -> starting after nextDelay()
 *   any       -> stopping   by stop(): SIGTERM, SIGKILL when the time is up; -> stopped. Ready signs and exits are no longer acted upon.
 *
 * Only a process that was started here is ever signalled, and only while it is our child.
 */
export class SupervisedProcess {
  readonly #plan: ProcessPlan;
  readonly #log: Log;
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #failuresBeforeReady = 0;
  #everReady = false;
  #isReady = false;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #delayMs: number | undefined;
  #startedAt = 0;
  #unanswered = 0;
  #planned = false;
  #whenReady: (() => void)[] = [];
  #send: Channel['send'] | undefined;

  constructor(plan: ProcessPlan, log: Log) {
    this.#plan = plan;
    this.#log = log.of(plan.name);
    // Whoever waits gets the rejection; if nobody does yet, it must not end the supervisor.
    this.#ready.promise.catch(() => undefined);
  }

  get state(): PartState {
    const pid = this.#child?.pid;
    return pid === undefined ? null : { pid, startedAt: this.#startedAt, ready: this.#isReady };
  }

  /** Resolves when the process was ready for the first time. Rejects when it has failed too often before that to go on hoping. */
  get firstReady(): Promise<void> {
    return this.#ready.promise;
  }

  start(): void {
    void this.#live();
  }

  /** Says that starting it again would not help: `firstReady` rejects with this. After a first ready it is only logged, and tried on. */
  giveUp(cause: Error): void {
    if (this.#everReady) this.#log.warn('says that it cannot start', { because: cause.message });
    this.#ready.reject(cause);
  }

  /** Ends the process in order within `patienceMs`, by force afterwards; resolves when it is gone. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#end(patienceMs);
  }

  /** Ends it in the same way, to be started again at once; resolves when that is ready. Does not resolve where it never is. */
  async restart(patienceMs: number): Promise<void> {
    this.#planned = this.#child !== undefined;
    const ready = new Promise<void>((resolve) => this.#whenReady.push(resolve));
    this.#log.info('restarting');
    await this.#end(patienceMs);
    await ready;
  }

  /** Only who can answer is asked, and only once it is ready: a start may take its time. */
  check(): void {
    const child = this.#child;
    const [send, { ask }] = [this.#send, this.#plan];
    if (child === undefined || !this.#isReady || (send === undefined && ask === undefined)) return;
    if (this.#unanswered >= mostUnanswered) {
      this.#log.warn('does not answer, killing it', { pid: child.pid });
      child.kill('SIGKILL');
      return;
    }
    this.#unanswered += 1;
    if (send !== undefined) void send(ping);
    else if (ask !== undefined) void this.#heard(child, ask());
  }

  forgive(): void {
    this.#unanswered = 0;
  }

  /** A life that has ended meanwhile says nothing of the next one. */
  async #heard(child: ChildProcess, answer: Promise<void>): Promise<void> {
    const isAnswered = await answer.then(
      () => true,
      () => false,
    );
    if (isAnswered && this.#child === child) this.#unanswered = 0;
  }

  async #end(patienceMs: number): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.#log.warn('does not end in time, killing it', { pid: child.pid });
      child.kill('SIGKILL');
    }, patienceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  async #live(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const startedAt = performance.now();
      const how = await this.#oneLife();
      this.#plan.onExit?.();
      if (this.#stopping.signal.aborted) return;
      const livedMs = Math.round(performance.now() - startedAt);
      if (this.#planned) {
        this.#planned = false;
        continue;
      }
      this.#delayMs = nextDelay(this.#delayMs, livedMs);
      this.#log.warn('ended, starting it again', { how, livedMs, delayMs: this.#delayMs });
      this.#countFailure(how);
      await delay(this.#delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  async #oneLife(): Promise<string> {
    const [program = '', ...args] = await withPrivileges(this.#plan.privileges, this.#plan.command);
    if (this.#stopping.signal.aborted) return 'not started';
    const ipc = this.#plan.readySign.kind === 'message';
    const child = spawn(program, args, {
      cwd: this.#plan.workingDirectory,
      env: { PATH: systemPath, LANG: 'C.UTF-8', HOME: '/nonexistent', ...this.#plan.environment },
      stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
      // A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends the others in their order.
      detached: true,
    });
    this.#child = child;
    this.#startedAt = Date.now();
    this.#isReady = false;
    this.#unanswered = 0;
    this.#send = undefined;
    const ended = Promise.withResolvers<string>();
    this.#exited = ended.promise.then(() => undefined);
    child.once('error', (error) => ended.resolve(error.message));
    // `exit`, not `close`: a grandchild that still holds the pipes must not delay the restart.
    child.once('exit', (code, signal) => ended.resolve(signal ?? `exit ${String(code)}`));
    child.once('spawn', () => this.#log.info('started', { pid: child.pid }));
    this.#relay(child);
    if (ipc) this.#converse(child);
    const reminder = this.#remind(child);
    const how = await ended.promise;
    clearInterval(reminder);
    this.#child = undefined;
    return how;
  }

  /** Not ready is no reason to kill: a database that recovers, or an agent without controller and disk, may take its time. */
  #remind(child: ChildProcess): NodeJS.Timeout {
    return setInterval(() => {
      if (!this.#isReady) this.#log.warn('is not ready yet', { pid: child.pid });
    }, 30_000).unref();
  }

  #relay(child: ChildProcess): void {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      stream.on('error', () => undefined);
      createInterface({ input: stream }).on('line', (line) => {
        const { readySign } = this.#plan;
        if (stream === child.stdout && readySign.kind === 'line' && line === readySign.line) this.#becomeReady();
        this.#log.relay(line);
      });
    }
  }

  #converse(child: ChildProcess): void {
    const channel: Channel = {
      send: (message, handle) =>
        new Promise((resolve) => {
          if (!child.connected) return resolve();
          // An error here says that the process is ending; its exit is what we act upon.
          child.send(message, handle, undefined, () => resolve());
        }),
    };
    this.#send = channel.send;
    // A process that has let go of its supervisor and stays can neither be told nor heard any more.
    child.once('disconnect', () => {
      const timer = setTimeout(() => {
        this.#log.warn('has closed its channel and does not end, killing it', { pid: child.pid });
        child.kill('SIGKILL');
      }, disconnectPatienceMs);
      child.once('exit', () => clearTimeout(timer));
    });
    child.on('message', (message: unknown) => {
      // Whatever it says, it takes turns.
      this.#unanswered = 0;
      const kind = typeof message === 'object' && message !== null && 'kind' in message ? message.kind : undefined;
      if (kind === 'ready') this.#becomeReady();
      else if (kind !== pong.kind) this.#plan.onMessage?.(message, channel);
    });
    this.#plan.onSpawn?.(channel).catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      this.#log.warn('could not be told how to start', { error: error instanceof Error ? error.message : String(error) });
      child.kill('SIGKILL');
    });
  }

  #becomeReady(): void {
    if (this.#stopping.signal.aborted) return;
    this.#everReady = true;
    this.#isReady = true;
    this.#log.info('ready');
    this.#ready.resolve();
    for (const resolve of this.#whenReady.splice(0)) resolve();
  }

  /** Before the first ready somebody waits in front of a terminal: five ends in a row (some 3 s) are a reason to say so and stop. */
  #countFailure(how: string): void {
    if (this.#everReady) return;
    this.#failuresBeforeReady += 1;
    if (this.#failuresBeforeReady < 5) return;
    this.#ready.reject(new Error(`the ${this.#plan.name} process does not start (${how}): its lines above say why`));
  }
}
