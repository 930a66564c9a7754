import type { HealthyRow } from '../../contract/cli/lab-conformance.ts';
import type { Verdict } from '../../core/trace/words.ts';
import { askTrace } from './ask-trace.ts';
import { awaitPasses, tryFlow } from './checked-flow.ts';
import type { HealthyVariant } from './healthy.ts';
import { enterMode } from './mode.ts';
import { observeNow } from './observe-now.ts';
import type { Standing } from './standing.ts';
import { stateLans } from './state-lan.ts';

/** runHealthy arranges a set-up, sees real packets pass on every flow, and demands that the product finds nothing on any of them. */
export async function runHealthy(standing: Standing, variant: HealthyVariant): Promise<HealthyRow> {
  const found: string[] = [];
  const problems: string[] = [];
  let worst: Verdict | null = null;
  const attempted = async (step: () => Promise<void>) => {
    try {
      await step();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  };
  await attempted(async () => {
    await stateLans(standing, variant.mode, ...(variant.statements ?? []));
    await arrange(standing, variant);
    for (const flow of variant.flows) await awaitPasses(() => tryFlow(standing, flow));
    await observeNow(standing);
    for (const flow of variant.flows) {
      const { verdict, summary, findings } = await askTrace(standing.region, flow);
      found.push(...findings.map(({ code }) => code));
      if (verdict !== 'works') problems.push(summary);
      if (worst === null || worst === 'works') worst = verdict;
    }
  });
  await attempted(async () => variant.arrangement?.undo(standing));
  return { variant: variant.name, verdict: worst, found, passed: problems.length === 0 && found.length === 0, problems };
}

async function arrange(standing: Standing, { mode, arrangement }: HealthyVariant): Promise<void> {
  switch (arrangement?.when) {
    case undefined:
      return enterMode(standing, mode);
    case 'for-the-agent':
      // From another mode, for only a change makes the agent go through a pass.
      await enterMode(standing, mode === 'masquerade' ? 'routed' : 'masquerade');
      await arrangement.arrange(standing);
      return enterMode(standing, mode);
    case 'in-the-mode':
      await enterMode(standing, mode);
      return arrangement.arrange(standing);
  }
}
