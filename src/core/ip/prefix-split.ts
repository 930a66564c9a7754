import type { Address } from './address.ts';
import { address4, address6, compareAddress } from './address.ts';
import type { Prefix, Prefix4, Prefix6 } from './prefix.ts';
import { addressBits, comparePrefix, equalPrefix, firstAddress, lastAddress, prefixOf } from './prefix.ts';

/** halves splits a prefix into its lower and upper half; undefined for a single address. */
export function halves(prefix: Prefix4): readonly [Prefix4, Prefix4] | undefined;
export function halves(prefix: Prefix6): readonly [Prefix6, Prefix6] | undefined;
export function halves(prefix: Prefix): readonly [Prefix, Prefix] | undefined;
export function halves(prefix: Prefix): readonly [Prefix, Prefix] | undefined {
  if (prefix.length === addressBits(prefix.family)) return undefined;
  const length = prefix.length + 1;
  if (prefix.family === 4) {
    const upper = prefix.base + 2 ** (32 - length);
    return [prefixOf(address4(prefix.base), length), prefixOf(address4(upper), length)];
  }
  const upper = prefix.base + (1n << BigInt(128 - length));
  return [prefixOf(address6(prefix.base), length), prefixOf(address6(upper), length)];
}

/** parentPrefix is the prefix one bit shorter that contains this one; undefined for /0. */
export function parentPrefix(prefix: Prefix): Prefix | undefined {
  return prefix.length === 0 ? undefined : prefixOf(firstAddress(prefix), prefix.length - 1);
}

/** mergedHalves is the prefix whose two halves these are, the lower one first; undefined if they are not such a pair. */
export function mergedHalves(lower: Prefix, upper: Prefix): Prefix | undefined {
  if (lower.length !== upper.length || comparePrefix(lower, upper) >= 0) return undefined;
  const parent = parentPrefix(lower);
  const upperParent = parentPrefix(upper);
  if (parent === undefined || upperParent === undefined || !equalPrefix(parent, upperParent)) return undefined;
  return parent;
}

/** prefixesBetween is the shortest list of prefixes that holds exactly the addresses from `first` to `last`, in order. */
export function prefixesBetween(first: Address, last: Address): Prefix[] {
  const found: Prefix[] = [];
  if (first.family !== last.family) return found;
  const pending: Prefix[] = [prefixOf(first, 0)];
  for (let prefix = pending.pop(); prefix !== undefined; prefix = pending.pop()) {
    const start = firstAddress(prefix);
    const end = lastAddress(prefix);
    if (compareAddress(end, first) < 0 || compareAddress(start, last) > 0) continue;
    const parts = compareAddress(start, first) >= 0 && compareAddress(end, last) <= 0 ? undefined : halves(prefix);
    // A prefix that is neither outside nor inside has more than one address, hence halves.
    if (parts === undefined) found.push(prefix);
    else pending.push(parts[1], parts[0]);
  }
  return found;
}
