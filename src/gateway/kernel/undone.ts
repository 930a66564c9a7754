import type { DesiredKernel } from './desired-kernel.ts';
import type { KernelPlan, Step } from './kernel-plan.ts';
import { isEmptyPlan } from './kernel-plan.ts';
import type { ObservedKernel } from './observed-kernel.ts';
import { planKernel } from './plan-kernel.ts';

/** Of a pass: what was wanted when it planned, what it saw before, and what it does. */
type Planned = { readonly desired: DesiredKernel; readonly observed: ObservedKernel; readonly plan: KernelPlan };

/**
 * undone gives the steps that mend what somebody else changed: the kernel was made equal to `settled`, nothing of ours has written to it since,
 * and the same steps would bring it back there. What is wanted may have changed meanwhile: where somebody connects each second it always has,
 * and that must not hide a firewall that is flushed. Pure; empty where nothing is known of before (`settled` is null).
 */
export function undone({ desired, observed, plan }: Planned, settled: DesiredKernel | null, laneUser: string): KernelPlan {
  if (settled === null || isEmptyPlan(plan)) return nothing;
  if (settled === desired) return plan;
  const back = planKernel(settled, observed, laneUser);
  return { nft: common(plan.nft, back.nft), ip: common(plan.ip, back.ip) };
}

const nothing: KernelPlan = { nft: [], ip: [] };

function common(steps: readonly Step[], others: readonly Step[]): Step[] {
  if (others.length === 0) return [];
  const lines = new Set(others.map(({ line }) => line));
  return steps.filter(({ line }) => lines.has(line));
}
