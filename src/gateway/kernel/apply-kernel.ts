import { applyIp } from './apply-ip.ts';
import { applyNft } from './apply-nft.ts';
import type { StepsResult } from './apply-steps.ts';
import { joinResults } from './apply-steps.ts';
import type { KernelPlan } from './kernel-plan.ts';
import type { CommandRunner } from './run-command.ts';

/** applyKernel runs a plan: nft, then ip, each in one process. A failure in one does not keep the other back. Idempotent. */
export async function applyKernel(plan: KernelPlan, run: CommandRunner): Promise<StepsResult> {
  const nft = await applyNft(plan.nft, run);
  return joinResults([nft, await applyIp(plan.ip, run)]);
}
