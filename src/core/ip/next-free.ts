import type { Address } from './address.ts';
import { addressPlus, compareAddress } from './address.ts';
import type { Prefix } from './prefix.ts';
import { containsAddress, firstAddress, hostPrefix, lastAddress, overlaps, prefixOf } from './prefix.ts';
import { subtractInOrder } from './prefix-set.ts';
import { prefixesBetween } from './prefix-split.ts';

/**
 * FreeRange is where to look. The first `skipFirst` and the last `skipLast` addresses are never given out: network and
 * broadcast address, the gateway's own, or everything below .100. Both default to 0.
 */
export interface FreeRange {
  readonly prefix: Prefix;
  readonly skipFirst?: number;
  readonly skipLast?: number;
}

/**
 * nextFreeAddress is the first address in none of `taken`: ranges in the order given, ascending inside each. With `after`
 * the search starts behind that address and comes back to it last, so that an address that was just returned is not given
 * to somebody else at once; an `after` outside all ranges is ignored. Undefined if nothing is free.
 * It proposes only: the database judges, since two callers may have seen the same `taken`.
 */
export function nextFreeAddress(ranges: readonly FreeRange[], taken: readonly Prefix[], after?: Address): Address | undefined {
  for (const address of freeAddresses(ranges, taken, after)) return address;
  return undefined;
}

/** freeAddresses gives all free addresses in the order of nextFreeAddress, lazily: for allocating many in one pass. */
export function* freeAddresses(
  ranges: readonly FreeRange[],
  taken: readonly Prefix[],
  after?: Address,
): Generator<Address, void> {
  for (const prefix of freeSpace(ranges, taken, after)) {
    const last = lastAddress(prefix);
    let address: Address | undefined = firstAddress(prefix);
    while (address !== undefined && compareAddress(address, last) <= 0) {
      yield address;
      address = addressPlus(address, 1);
    }
  }
}

/**
 * nextFreePrefix is the first free prefix of this length, in the order of nextFreeAddress. Undefined if none fits; ranges
 * of a family that has no such length are passed over.
 */
export function nextFreePrefix(ranges: readonly FreeRange[], taken: readonly Prefix[], length: number): Prefix | undefined {
  for (const prefix of freeSpace(ranges, taken)) {
    if (prefix.length <= length && length <= hostPrefix(firstAddress(prefix)).length) {
      return prefixOf(firstAddress(prefix), length);
    }
  }
  return undefined;
}

function* freeSpace(ranges: readonly FreeRange[], taken: readonly Prefix[], after?: Address): Generator<Prefix, void> {
  const start = after === undefined ? -1 : ranges.findIndex((range) => containsAddress(range.prefix, after));
  if (after === undefined || start < 0) {
    for (const range of ranges) yield* freeInside(range, taken, []);
    return;
  }
  const rotated = [...ranges.slice(start + 1), ...ranges.slice(0, start)];
  const resumed = ranges.slice(start, start + 1);
  for (const range of resumed) yield* freeInside(range, taken, prefixesBetween(firstAddress(range.prefix), after));
  for (const range of rotated) yield* freeInside(range, taken, []);
  for (const range of resumed) {
    const next = addressPlus(after, 1);
    const behind = next === undefined ? [] : prefixesBetween(next, lastAddress(range.prefix));
    yield* freeInside(range, taken, behind);
  }
}

function freeInside(range: FreeRange, taken: readonly Prefix[], left: readonly Prefix[]): Iterable<Prefix> {
  const relevant = taken.filter((prefix) => overlaps(prefix, range.prefix));
  return subtractInOrder([range.prefix], [...relevant, ...left, ...skipped(range)]);
}

function skipped({ prefix, skipFirst = 0, skipLast = 0 }: FreeRange): Prefix[] {
  const first = firstAddress(prefix);
  const last = lastAddress(prefix);
  const head = skipFirst === 0 ? [] : prefixesBetween(first, addressPlus(first, skipFirst - 1) ?? last);
  const tail = skipLast === 0 ? [] : prefixesBetween(addressPlus(last, 1 - skipLast) ?? first, last);
  return [...head, ...tail];
}
