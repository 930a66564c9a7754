import type { EndpointId } from '../core/ids.ts';
import { forgetConnections, planCut, planMove, removedSources } from './cut.ts';
import { applySourcesFirst } from './kernel/apply-kernel.ts';
import { describeFailure } from './kernel/apply-steps.ts';
import type { DesiredKernel } from './kernel/desired-kernel.ts';
import type { Step } from './kernel/kernel-plan.ts';
import type { Reconciler } from './kernel/reconcile.ts';
import type { CommandRunner } from './kernel/run-command.ts';
import type { Log } from './log.ts';

export type UrgentChangesOptions = {
  readonly reconciler: Pick<Reconciler, 'request' | 'exclusively'>;
  readonly run: CommandRunner;
  readonly log: Log;
  /** Told what the kernel has been given. */
  readonly wrote: (steps: readonly Step[]) => void;
  readonly nameOf: (endpoint: EndpointId) => string;
};

/**
 * UrgentChanges writes to the kernel what cannot wait for a pass of the reconciler, which looks at the whole first. Each is followed by a
 * pass, which finds in the kernel whatever failed. Neither rejects.
 */
export class UrgentChanges {
  readonly #options: UrgentChangesOptions;

  constructor(options: UrgentChangesOptions) {
    this.#options = options;
  }

  /**
   * cut stops what `before` let pass and what is `wanted` now does not: sources, then routes, then what was established (openvpn.md 12.1).
   * A `before` of null is a kernel of which nothing is known yet: the pass finds out.
   */
  async cut(before: DesiredKernel | null, wanted: () => DesiredKernel | null, endpoints: readonly EndpointId[]): Promise<void> {
    const { reconciler, run, log, nameOf } = this.#options;
    const began = performance.now();
    try {
      const after = wanted();
      if (before === null || after === null) return;
      const result = await reconciler.exclusively(() => applySourcesFirst(planCut(before, after), run));
      this.#options.wrote(result.done);
      for (const failure of result.failed) log.warn(`cutting: ${describeFailure(failure)}; the reconciler goes on with it`);
      const names = endpoints.map(nameOf).join(', ').slice(0, 300);
      log.info(`cut ${String(endpoints.length)} session(s) in ${(performance.now() - began).toFixed(1)} ms: ${names}`);
      reconciler.request();
      await forgetConnections(removedSources(before, after), run);
    } catch (cause) {
      log.warn('cutting sessions failed in part; the reconciler goes on with it', cause);
      reconciler.request();
    }
  }

  /** move makes the routes those of other owners. */
  async move(before: DesiredKernel, after: DesiredKernel): Promise<void> {
    const { reconciler, run, log } = this.#options;
    const began = performance.now();
    try {
      const result = await reconciler.exclusively(() => applySourcesFirst(planMove(before, after), run));
      this.#options.wrote(result.done);
      for (const failure of result.failed) log.warn(`moving routes: ${describeFailure(failure)}; the reconciler goes on with it`);
      if (result.done.length > 0) log.info(`moved routes in ${(performance.now() - began).toFixed(1)} ms`);
    } catch (cause) {
      log.warn('moving routes failed; the reconciler goes on with it', cause);
    }
    reconciler.request();
  }
}
