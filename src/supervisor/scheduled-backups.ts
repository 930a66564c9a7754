import { backupDueAt } from './backup-due.ts';
import { readBackupSchedule, readScheduledRuns } from './kept-backup-files.ts';
import type { Log } from './log.ts';
import type { TaskPlan } from './run-task.ts';
import { runTask } from './run-task.ts';

/** How soon a schedule that was just set, or what has become due, is noticed. */
const look_ms = 30_000;

/** A run that ended without a word of how (killed, a full disk) is not begun again at the next look. */
const pause_ms = 900_000;

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
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isBusy = false;
  #notBefore_ms = 0;

  constructor(options: { readonly root: string; readonly plan: TaskPlan; readonly log: Log; readonly now: () => Date }) {
    this.#root = options.root;
    this.#plan = options.plan;
    this.#log = options.log.of('backup');
    this.#now = options.now;
  }

  start(): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = setInterval(() => this.#look(), look_ms).unref();
    this.#look();
  }

  /** Ends what runs; it takes away what it had begun to write. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await this.#looking;
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
    const { signal } = this.#stopping;
    const schedule = await readBackupSchedule(this.#root);
    if (schedule === undefined) return;
    const runs = await readScheduledRuns(this.#root);
    const now = this.#now();
    if (signal.aborted || backupDueAt(schedule, runs, now) > now) return;
    this.#notBefore_ms = 0;
    try {
      for (const line of (await runTask(this.#plan, this.#log, signal)).split('\n')) this.#log.relay(line);
    } catch (cause) {
      if (signal.aborted) return;
      this.#notBefore_ms = performance.now() + pause_ms;
      this.#log.warn('failed; it is tried again', { because: cause instanceof Error ? cause.message : String(cause) });
    }
  }
}
