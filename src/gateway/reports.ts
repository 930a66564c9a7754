import type { GatewayReport, SessionReport } from '../contract/gateway.ts';
import type { ControllerClient } from './controller-client.ts';
import { LastingFailure } from './lasting-failure.ts';
import type { Log } from './log.ts';
import { explain } from './log.ts';

export type ReporterOptions = {
  readonly client: Pick<ControllerClient, 'post'>;
  /** What is true now: lanes, problems, and (for a full report) every live session. Asked when a report is made. */
  readonly current: () => Omit<GatewayReport, 'full' | 'sessions'>;
  readonly liveSessions: () => SessionReport[];
  /** A report arrived. */
  readonly delivered?: (report: Pick<GatewayReport, 'applied' | 'figures'>) => void;
  readonly log: Log;
  /** Milliseconds in which changes are collected. */
  readonly collectMs: number;
};

/** More than these in one report are refused by the contract. */
const mostSessions = 10_000;
/** After a report that did not arrive. */
const retryMs = 2_000;

/**
 * Reporter tells the controller what happened: changes of sessions as they come (collected for a moment, one report at a time), and all
 * of it after the controller was away. Sessions that ended meanwhile are kept and told then, up to 10,000 of them, oldest dropped.
 */
export class Reporter {
  readonly #options: ReporterOptions;
  /** By session: the last state counts, and an end is never overtaken by an earlier state. */
  readonly #changed = new Map<string, SessionReport>();
  #full = true;
  #timer: NodeJS.Timeout | null = null;
  /** When the timer is due; a report that is wanted sooner does not wait for it. */
  #due = 0;
  #sending: Promise<void> | null = null;
  /** Something was asked for while a report was under way. */
  #again = false;
  #stopped = false;
  readonly #failure = new LastingFailure();
  #failed = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** How many reports did not arrive, since this agent began. */
  get failedReports(): number {
    return this.#failed;
  }

  /** session notes a change of one session. */
  session(report: SessionReport): void {
    const known = this.#changed.get(report.key);
    if (known !== undefined && known.state !== 'established' && report.state === 'established') return;
    this.#changed.delete(report.key);
    this.#changed.set(report.key, report);
    if (this.#changed.size > mostSessions) this.#changed.delete(this.#changed.keys().next().value ?? '');
    this.soon();
  }

  /** full asks for a report of everything: the controller may have missed some. */
  full(): void {
    this.#full = true;
    this.soon(0);
  }

  /** soon asks for a report, also if no session changed (lanes or problems did). */
  soon(afterMs: number = this.#options.collectMs): void {
    if (this.#stopped) return;
    const due = Date.now() + afterMs;
    if (this.#timer !== null) {
      if (this.#due <= due) return;
      clearTimeout(this.#timer);
    }
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#sending !== null) {
        this.#again = true;
        return;
      }
      this.#sending = this.#send().finally(() => {
        this.#sending = null;
        if (this.#again) this.soon();
        this.#again = false;
      });
    }, afterMs);
  }

  /** stop sends no more; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#sending;
  }

  async #send(): Promise<void> {
    const { client, current, liveSessions, log } = this.#options;
    const full = this.#full;
    this.#full = false;
    const changed = new Map(this.#changed);
    this.#changed.clear();
    // In a full report a live session is told once, with what is true now.
    const live = full ? liveSessions() : [];
    for (const { key } of live) changed.delete(key);
    const sessions = [...live, ...changed.values()].slice(-mostSessions);
    try {
      const report: GatewayReport = { ...current(), full, sessions };
      await client.post('/gateway/v1/report', report);
      this.#failure.works();
      this.#options.delivered?.(report);
    } catch (cause) {
      this.#failed += 1;
      const failure = explain(cause);
      if (this.#failure.failed(failure, Date.now())) log.warn(`cannot report to the controller: ${failure}`);
      this.#full ||= full;
      for (const [key, report] of changed) if (!this.#changed.has(key)) this.#changed.set(key, report);
      this.soon(retryMs);
    }
  }
}
