import type { DesiredKernel } from './desired-kernel.ts';
import type { KernelPlan } from './kernel-plan.ts';
import type { ObservedKernel } from './observed-kernel.ts';
import { planIp } from './plan-ip.ts';
import { planNft } from './plan-nft.ts';

/** planKernel is what to do so that the kernel becomes as desired. Pure; empty if it is. Nothing outside `desired.own` is ever in it. */
export function planKernel(desired: DesiredKernel, observed: ObservedKernel, laneUser: string): KernelPlan {
  return { nft: planNft(desired, observed), ip: planIp(desired, observed, laneUser) };
}
