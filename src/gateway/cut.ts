import type { AddressText } from '../core/ip/address.ts';
import { applyKernel } from './kernel/apply-kernel.ts';
import type { StepsResult } from './kernel/apply-steps.ts';
import type { DesiredKernel } from './kernel/desired-kernel.ts';
import type { KernelPlan, Step } from './kernel/kernel-plan.ts';
import { routeProtocol } from './kernel/ownership.ts';
import { elementStep } from './kernel/plan-nft.ts';
import type { CommandRunner } from './kernel/run-command.ts';

/**
 * planCut takes away from the kernel what `before` had and `after` has not: sources first, then routes. It does not look at the kernel,
 * for speed; so each source is added and deleted in one transaction, which works whether it is there or not. Pure.
 */
export function planCut(before: DesiredKernel, after: DesiredKernel): KernelPlan {
  const nft: Step[] = [];
  for (const set of ['open', 'hosts', 'sites'] as const) {
    for (const key of before[set]) {
      if ((after[set] as ReadonlySet<string>).has(key)) continue;
      // A tun that nobody is attached to any more is closed as a whole; its prefixes go with the next pass, which may take longer.
      if (set === 'sites' && !after.open.has(key.slice(0, key.indexOf(' ')))) continue;
      nft.push({ ...elementStep(before.own, 'add', set, key), change: 'remove' }, elementStep(before.own, 'delete', set, key));
    }
  }
  const ip: Step[] = [];
  for (const [prefix, device] of before.routes) {
    if (after.routes.get(prefix) === device) continue;
    const line = `route del ${prefix} dev ${device} table ${String(before.own.table)} proto ${String(routeProtocol)}`;
    ip.push({ line, object: `route ${prefix} by ${device}`, change: 'remove', device });
  }
  return { nft, ip };
}

/** applyCut runs the plan; the next packet of those that were cut is dropped when it resolves, a few milliseconds later. */
export function applyCut(plan: KernelPlan, run: CommandRunner): Promise<StepsResult> {
  return applyKernel(plan, run);
}

/**
 * forgetConnections deletes the entries of these addresses from connection tracking, in both directions, so that what they had been
 * allowed is not "established" any more when they return. Rejects only if conntrack cannot be started; no entry is no error.
 */
export async function forgetConnections(addresses: readonly AddressText[], run: CommandRunner): Promise<void> {
  for (const address of addresses) {
    await Promise.all([run('conntrack', ['-D', '-s', address]), run('conntrack', ['-D', '-d', address])]);
  }
}
