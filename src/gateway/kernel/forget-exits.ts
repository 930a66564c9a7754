import type { PrefixText } from '../../core/ip/prefix.ts';
import { formatPrefix, strictPrefix } from '../../core/ip/prefix.ts';
import { aggregate } from '../../core/ip/prefix-set.ts';
import type { NftElements } from './nft-elements.ts';
import { elementDevice } from './nft-elements.ts';
import type { KernelOwnership } from './ownership.ts';
import { anyExitMark } from './ownership.ts';
import { difference } from './plan-nft.ts';
import type { CommandRunner } from './run-command.ts';
import { runSeveral } from './run-command.ts';

/**
 * changedClasses are the sources that had an egress class and have not the same now. Their own next packet goes by the new class, or is
 * refused; but what the internet goes on sending them is `established` until it is forgotten (forgetExits).
 */
export function changedClasses(before: NftElements, after: NftElements): PrefixText[] {
  return (['egress_hosts', 'egress_sites'] as const)
    .flatMap((set) => difference(before[set], after[set]))
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
  const filters = merged.length > mostFilters ? [exits] : merged.map((prefix) => [...exits, '-s', formatPrefix(prefix)]);
  await runSeveral('conntrack', filters, run);
}
