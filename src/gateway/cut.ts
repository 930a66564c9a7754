import type { PrefixText } from '../core/ip/prefix.ts';
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
 * forgetConnections deletes the entries of these sources from connection tracking, in both directions, so that what they had been allowed
 * is not "established" any more when they return. Rejects only if conntrack cannot be started; no entry is no error.
 */
export async function forgetConnections(sources: readonly PrefixText[], run: CommandRunner): Promise<void> {
  const commands = sources.flatMap((source) => [
    ['-D', '-s', source],
    ['-D', '-d', source],
  ]);
  for (let index = 0; index < commands.length; index += atOnce) {
    await Promise.all(commands.slice(index, index + atOnce).map((args) => run('conntrack', args)));
  }
}

/** conntrack takes one filter per process; a thousand devices that are deleted must not be a thousand processes at once. */
const atOnce = 8;

/** removedSources are the addresses and prefixes that `before` believed somebody and `after` does not. */
export function removedSources(before: DesiredKernel, after: DesiredKernel): PrefixText[] {
  const keys = [...before.hosts, ...before.sites].filter((key) => !after.hosts.has(key) && !after.sites.has(key));
  return keys.map((key) => key.slice(key.indexOf(' ') + 1) as PrefixText);
}
