import { applyIp } from './apply-ip.ts';
import { applyNft } from './apply-nft.ts';
import type { StepsResult } from './apply-steps.ts';
import { joinResults } from './apply-steps.ts';
import type { KernelPlan } from './kernel-plan.ts';
import type { CommandRunner } from './run-command.ts';

/** applyKernel runs a plan, each part in one process. A failure in one does not keep the others back. Idempotent. */
export async function applyKernel(plan: KernelPlan, run: CommandRunner): Promise<StepsResult> {
  const additions = await applyIp(
    plan.ip.filter(({ change }) => change === 'add'),
    run,
  );
  const nft = await applyNft(plan.nft, run);
  const removals = await applyIp(
    plan.ip.filter(({ change }) => change === 'remove'),
    run,
  );
  return joinResults([additions, nft, removals]);
}

/** applySourcesFirst is for what cannot wait: whoever must not send sends nothing from the first process on, a few milliseconds later. */
export async function applySourcesFirst(plan: KernelPlan, run: CommandRunner): Promise<StepsResult> {
  const nft = await applyNft(plan.nft, run);
  return joinResults([nft, await applyIp(plan.ip, run)]);
}
