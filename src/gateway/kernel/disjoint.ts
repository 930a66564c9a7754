import type { Prefix, PrefixText } from '../../core/ip/prefix.ts';
import { comparePrefix, contains, formatPrefix, strictPrefix } from '../../core/ip/prefix.ts';

/**
 * disjoint leaves out prefixes that others contain, in the order of addresses: nft refuses elements that overlap (openvpn.md 12.6).
 * Neighbours are not merged: one that leaves would split them again.
 */
export function disjoint(texts: readonly PrefixText[]): PrefixText[] {
  const kept: Prefix[] = [];
  for (const prefix of texts.map((text) => strictPrefix(text)).sort(comparePrefix)) {
    const before = kept.at(-1);
    if (before === undefined || !contains(before, prefix)) kept.push(prefix);
  }
  return kept.map((prefix) => formatPrefix(prefix));
}
