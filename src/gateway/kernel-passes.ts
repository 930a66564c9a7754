import type { GatewayReport } from '../contract/gateway.ts';
import type { AppliedChanges } from './applied-changes.ts';
import { changeText } from './applied-changes.ts';
import type { GatewayCounters } from './gateway-counters.ts';
import { describeFailure } from './kernel/apply-steps.ts';
import { describePlan, isEmptyPlan } from './kernel/kernel-plan.ts';
import type { PassResult } from './kernel/reconcile.ts';
import { suspects } from './kernel/suspects.ts';
import type { Log } from './log.ts';
import { explain } from './log.ts';

type Followers = {
  readonly counters: GatewayCounters;
  readonly changes: AppliedChanges;
  readonly log: Log;
  /** There is something new to report. */
  readonly told: () => void;
};

/** KernelPasses keeps what the passes of the reconciler came to: which revision the kernel has, and what stands against it. */
export class KernelPasses {
  readonly #followers: Followers;
  #problems: readonly string[] = [];
  #appliedRevision: number | null = null;

  constructor(followers: Followers) {
    this.#followers = followers;
  }

  /** The newest revision that was applied as a whole; null before the first. */
  get appliedRevision(): number | null {
    return this.#appliedRevision;
  }

  get problems(): GatewayReport['problems'] {
    return this.#problems.map((message) => ({ code: 'kernel', message: message.slice(0, 500) }));
  }

  /** passed takes in a pass that was done for `revision`; a newer configuration may have come since it began, which is not applied yet. */
  passed(result: PassResult, revision: number | undefined): void {
    const { applied, notes, undone } = result;
    const { counters, log } = this.#followers;
    counters.passed(result);
    if (!isEmptyPlan(undone)) {
      void suspects(undone).then((who) =>
        log.warn(`${who} changed what this gateway needs in the kernel; restored:\n${describePlan(undone).slice(0, 2000)}`),
      );
    }
    const problems = [...applied.failed.map(describeFailure), ...notes.map(({ message }) => message)];
    for (const problem of problems) if (!this.#problems.includes(problem)) log.warn(`kernel: ${problem}`);
    this.#problems = problems;
    if (applied.failed.length === 0 && revision !== undefined) this.#applied(revision, result);
  }

  failed(cause: unknown): void {
    const { counters, log, told } = this.#followers;
    counters.passFailed();
    this.#problems = [`the kernel cannot be read or written: ${explain(cause)}`];
    log.warn('reconciling the kernel', cause);
    told();
  }

  #applied(revision: number, { applied }: PassResult): void {
    const { counters, changes, log, told } = this.#followers;
    this.#appliedRevision = revision;
    const change = changes.applied(revision, applied.done, Date.now());
    if (change === null) return;
    counters.applied(change.tookMs);
    log.info(changeText(change), { revision });
    told();
  }
}
