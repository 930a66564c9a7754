import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { backupSchedule, scheduledRuns, scheduledRunsFile, scheduleFile } from '../contract/backup-schedule.ts';
import { backupDueAt } from './backup-due.ts';
import { errorCode } from './data-directory.ts';
import { systemPath } from './find-program.ts';
import type { Log } from './log.ts';
import { withPrivileges } from './privileges.ts';
import type { TaskPlan } from './run-task.ts';

/** How soon a schedule that was just set, or what has become due, is noticed. */
const look_ms = 30_000;

/** A run that ended without a word of how (killed, a full disk) is not begun again at the next look. */
const pause_ms = 900_000;

/** Longer than one takes that has to be killed: what it has written lies under no name yet. */
const patience_ms = 5_000;

/**
 * ScheduledBackups starts src/backup when one is due: a process for the time of each, and nothing in between. States: looking (by start),
 * running (one is due; until its process ends), stopped (by stop, which ends the process). Whether it worked is told by that process, in
 * DIR/backups and to the controller; here it is a line of the log.
 */
export class ScheduledBackups {
  readonly #root: string;
  readonly #plan: TaskPlan;
  readonly #log: Log;
  readonly #now: () => Date;
  #timer: NodeJS.Timeout | undefined;
  #child: ChildProcess | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isBusy = false;
  #isStopped = false;
  #notBefore_ms = 0;

  constructor(options: { readonly root: string; readonly plan: TaskPlan; readonly log: Log; readonly now: () => Date }) {
    this.#root = options.root;
    this.#plan = options.plan;
    this.#log = options.log.of('backup');
    this.#now = options.now;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#timer = setInterval(() => this.#look(), look_ms).unref();
    this.#look();
  }

  /** Ends what runs; it takes away what it had begun to write. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), patience_ms);
    await this.#looking;
    clearTimeout(timer);
  }

  #look(): void {
    if (this.#isBusy || performance.now() < this.#notBefore_ms) return;
    this.#isBusy = true;
    this.#looking = this.#runIfDue()
      .catch((error: unknown) => {
        this.#notBefore_ms = performance.now() + pause_ms;
        this.#log.warn('the schedule cannot be followed', { error: error instanceof Error ? error.message : String(error) });
      })
      .finally(() => {
        this.#isBusy = false;
      });
  }

  async #runIfDue(): Promise<void> {
    const schedule = await readKept(path.join(this.#root, scheduleFile), backupSchedule);
    if (schedule === undefined) return;
    const runs = await readKept(path.join(this.#root, scheduledRunsFile), scheduledRuns);
    const now = this.#now();
    if (this.#isStopped || backupDueAt(schedule, runs, now) > now) return;
    const how = await this.#run();
    if (this.#isStopped) return;
    this.#notBefore_ms = how === 'exit 0' ? 0 : performance.now() + pause_ms;
    if (how !== 'exit 0') this.#log.warn('failed; it is tried again', { how });
  }

  async #run(): Promise<string> {
    const [program = '', ...args] = await withPrivileges(this.#plan.privileges, this.#plan.command);
    if (this.#isStopped) return 'not started';
    const child = spawn(program, args, {
      cwd: this.#plan.workingDirectory,
      env: { PATH: systemPath, LANG: 'C.UTF-8', HOME: '/nonexistent', ...this.#plan.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('error', () => undefined);
      createInterface({ input: stream }).on('line', (line) => this.#log.relay(line));
    }
    try {
      return await new Promise<string>((resolve) => {
        child.once('error', (error) => resolve(error.message));
        child.once('exit', (code, signal) => resolve(signal ?? `exit ${String(code)}`));
      });
    } finally {
      this.#child = undefined;
    }
  }
}

/** Undefined where there is none. A file that cannot be read is told in the log, by whoever looks. */
async function readKept<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw new Error(`reading ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
