import type { PrefixText } from '../core/ip/prefix.ts';
import type { DesiredKernel } from './kernel/desired-kernel.ts';
import type { KernelPlan, Step } from './kernel/kernel-plan.ts';
import type { Routes } from './kernel/kernel-routes.ts';
import { deleteRoute, replaceRoute } from './kernel/kernel-routes.ts';
import type { ElementText } from './kernel/nft-elements.ts';
import { elementDevice, elementPrefix, elementStep } from './kernel/nft-elements.ts';
import type { NftSetName } from './kernel/nft-table.ts';
import type { KernelOwnership } from './kernel/ownership.ts';
import { difference } from './kernel/plan-nft.ts';
import type { CommandRunner } from './kernel/run-command.ts';
import { runSeveral } from './kernel/run-command.ts';

/**
 * planCut takes away from the kernel what `before` had and `after` has not: sources first, then routes, which move where others have them.
 * It does not look at the kernel, for speed; so each source is added and deleted in one transaction, which works whether it is there or
 * not. Pure.
 */
export function planCut(before: DesiredKernel, after: DesiredKernel): KernelPlan {
  const nft: Step[] = [];
  for (const set of ['open', 'hosts', 'sites'] as const) {
    for (const key of difference(before.elements[set], after.elements[set])) {
      // A tun that nobody is attached to any more is closed as a whole; its prefixes go with the next pass, which may take longer.
      if (set === 'sites' && !after.elements.open.has(elementDevice(key))) continue;
      nft.push(...removal(before.own, set, key));
    }
  }
  return { nft, ip: movedRoutes(before, after, 'present') };
}

/**
 * planMove is what has to happen at once when owners of pools change or connectors die: their routes, and which flows stay where they are.
 * Like planCut it does not look at the kernel, and the next pass finds whatever was otherwise. Pure.
 *
 * Nothing has to be forgotten then: what a flow may do is looked up for each of its packets. A prefix that was taken from a network is in
 * no table any more, and a connector that a class may not use any more is not in `pinned_out` with that class.
 */
export function planMove(before: DesiredKernel, after: DesiredKernel): KernelPlan {
  const nft: Step[] = [];
  for (const set of ['pinned', 'pinned_out'] as const) {
    for (const element of difference(before.elements[set], after.elements[set])) nft.push(...removal(before.own, set, element));
    for (const element of difference(after.elements[set], before.elements[set]))
      nft.push(elementStep(after.own, 'add', set, element));
  }
  return { nft, ip: movedRoutes(before, after, 'all') };
}

/** An element is added before it is deleted, so that it does not matter to the transaction whether it was there. */
function removal(own: KernelOwnership, set: NftSetName, element: ElementText): Step[] {
  return [{ ...elementStep(own, 'add', set, element), change: 'remove' }, elementStep(own, 'delete', set, element)];
}

/** Routes that moved are replaced, then those that are gone deleted. Those that are new have time, when it is about cutting. */
function movedRoutes(before: DesiredKernel, after: DesiredKernel, which: 'present' | 'all'): Step[] {
  const tables = new Map([[before.own.table, [before.routes, after.routes] as const]]);
  for (const table of new Set([...before.tables.keys(), ...after.tables.keys()]))
    tables.set(table, [before.tables.get(table) ?? noRoutes, after.tables.get(table) ?? noRoutes]);
  const moved: Step[] = [];
  const gone: Step[] = [];
  for (const [table, [old, now]] of tables) {
    for (const [prefix, via] of now) {
      const previous = old.get(prefix);
      if (previous !== via && (previous !== undefined || which === 'all')) moved.push(replaceRoute(table, prefix, via));
    }
    for (const [prefix, via] of old) if (!now.has(prefix)) gone.push(deleteRoute(table, prefix, via));
  }
  return [...moved, ...gone];
}

const noRoutes: Routes = new Map();

/**
 * forgetConnections deletes the entries of these sources from connection tracking, in both directions, so that what they had been allowed
 * is not "established" any more when they return. Rejects only if conntrack cannot be started; no entry is no error.
 */
export async function forgetConnections(sources: readonly PrefixText[], run: CommandRunner): Promise<void> {
  const commands = sources.flatMap((source) => [
    ['-D', '-s', source],
    ['-D', '-d', source],
  ]);
  // conntrack takes one filter for each process.
  await runSeveral('conntrack', commands, run);
}

/** removedSources are the addresses and prefixes that `before` believed somebody and `after` does not. */
export function removedSources(before: DesiredKernel, after: DesiredKernel): PrefixText[] {
  const keys = [...before.elements.hosts, ...before.elements.sites];
  return keys.filter((key) => !after.elements.hosts.has(key) && !after.elements.sites.has(key)).map((key) => elementPrefix(key));
}
