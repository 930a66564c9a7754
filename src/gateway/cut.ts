import type { PrefixText } from '../core/ip/prefix.ts';
import { formatPrefix, strictPrefix } from '../core/ip/prefix.ts';
import { aggregate } from '../core/ip/prefix-set.ts';
import { applyKernel } from './kernel/apply-kernel.ts';
import type { StepsResult } from './kernel/apply-steps.ts';
import type { DesiredKernel } from './kernel/desired-kernel.ts';
import type { KernelPlan, Step } from './kernel/kernel-plan.ts';
import type { Routes } from './kernel/kernel-routes.ts';
import { deleteRoute, replaceRoute } from './kernel/kernel-routes.ts';
import type { ElementText } from './kernel/nft-elements.ts';
import { elementDevice, elementPrefix, elementStep } from './kernel/nft-elements.ts';
import type { NftSetName } from './kernel/nft-table.ts';
import type { KernelOwnership } from './kernel/ownership.ts';
import { anyExitMark } from './kernel/ownership.ts';
import { difference } from './kernel/plan-nft.ts';
import type { CommandRunner } from './kernel/run-command.ts';

/**
 * planCut takes away from the kernel what `before` had and `after` has not: sources first, then routes, which move where others have them. It does not look at the kernel,
 * for speed; so each source is added and deleted in one transaction, which works whether it is there or not. Pure.
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
 * planMove is what has to happen at once when owners of pools change or connectors die: their routes, and which flows stay where they are;
 * also which class a source is of. Like planCut it does not look at the kernel, and the next pass finds whatever was otherwise. Pure.
 */
export function planMove(before: DesiredKernel, after: DesiredKernel): KernelPlan {
  const nft: Step[] = [];
  for (const set of ['egress_hosts', 'egress_sites', 'pinned', 'pinned_out'] as const) {
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
  await runAll(commands, run);
}

async function runAll(commands: readonly (readonly string[])[], run: CommandRunner): Promise<void> {
  for (let index = 0; index < commands.length; index += atOnce) {
    await Promise.all(commands.slice(index, index + atOnce).map((args) => run('conntrack', args)));
  }
}

/** conntrack takes one filter per process; a thousand devices that are deleted must not be a thousand processes at once. */
const atOnce = 8;

/** removedSources are the addresses and prefixes that `before` believed somebody and `after` does not. */
export function removedSources(before: DesiredKernel, after: DesiredKernel): PrefixText[] {
  const keys = [...before.elements.hosts, ...before.elements.sites];
  return keys.filter((key) => !after.elements.hosts.has(key) && !after.elements.sites.has(key)).map((key) => elementPrefix(key));
}

/**
 * changedClasses are the sources that had an egress class and have not the same now. Their own next packet goes by the new class, or is
 * refused; but what the internet goes on sending them is `established` until it is forgotten (forgetExits).
 *
 * Nothing else needs to be forgotten: what a flow may do is looked up for each of its packets. A prefix that was taken from a network is in
 * no table any more, and a connector that a class may not use any more is not in `pinned_out` with that class.
 */
export function changedClasses(before: DesiredKernel, after: DesiredKernel): PrefixText[] {
  return (['egress_hosts', 'egress_sites'] as const)
    .flatMap((set) => difference(before.elements[set], after.elements[set]))
    .map((element) => elementDevice(element) as PrefixText);
}

/** Each filter is a walk of the kernel over all its entries (0.18 s at 50,000): so many are as much as deleting may cost. */
const mostFilters = 32;

/**
 * forgetExits deletes from connection tracking the flows to the internet of these sources. If they are too many to be named, all flows to
 * the internet are forgotten: those of others go on with their next packet, by the connector that their class leaves by now. Rejects only
 * if conntrack cannot be started; no entry is no error.
 */
export async function forgetExits(own: KernelOwnership, sources: readonly PrefixText[], run: CommandRunner): Promise<void> {
  if (sources.length === 0) return;
  const exits = ['-D', '-f', 'ipv4', '--mark', anyExitMark(own)];
  const merged = aggregate(sources.map((source) => strictPrefix(source)));
  if (merged.length > mostFilters) await run('conntrack', exits);
  else
    await runAll(
      merged.map((prefix) => [...exits, '-s', formatPrefix(prefix)]),
      run,
    );
}
