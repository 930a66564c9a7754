/**
 * Sets of addresses as lists of prefixes. Every result is canonical: sorted by comparePrefix, disjoint, and the fewest
 * prefixes that hold exactly these addresses, so that equal sets are equal lists. Arguments may be in any order, overlap
 * and mix both families. All run in O(n log n) for n prefixes, plus the prefixes that a subtraction has to split off.
 */
import type { Prefix, Prefix4, Prefix6 } from './prefix.ts';
import { comparePrefix, contains, overlaps } from './prefix.ts';
import { halves, mergedHalves } from './prefix-split.ts';

/** aggregate reduces a list to the fewest prefixes with exactly the same addresses; it never covers one address more. */
export function aggregate(prefixes: readonly Prefix4[]): Prefix4[];
export function aggregate(prefixes: readonly Prefix6[]): Prefix6[];
export function aggregate(prefixes: readonly Prefix[]): Prefix[];
export function aggregate(prefixes: readonly Prefix[]): Prefix[] {
  const result: Prefix[] = [];
  for (const prefix of prefixes.toSorted(comparePrefix)) {
    let next = prefix;
    let before = result.at(-1);
    if (before !== undefined && contains(before, next)) continue;
    for (;;) {
      const merged = before === undefined ? undefined : mergedHalves(before, next);
      if (merged === undefined) break;
      result.pop();
      next = merged;
      before = result.at(-1);
    }
    result.push(next);
  }
  return result;
}

/** subtract is every address of `prefixes` that is in none of `removed`. */
export function subtract(prefixes: readonly Prefix4[], removed: readonly Prefix[]): Prefix4[];
export function subtract(prefixes: readonly Prefix6[], removed: readonly Prefix[]): Prefix6[];
export function subtract(prefixes: readonly Prefix[], removed: readonly Prefix[]): Prefix[];
export function subtract(prefixes: readonly Prefix[], removed: readonly Prefix[]): Prefix[] {
  return [...subtractInOrder(prefixes, removed)];
}

/** subtractInOrder is subtract as a lazy sequence, for callers that need only the first few of many. */
export function* subtractInOrder(prefixes: readonly Prefix[], removed: readonly Prefix[]): Generator<Prefix, void> {
  const holes = aggregate(removed);
  let index = 0;
  // Popped in ascending order, so a hole that lies before one piece lies before all that follow.
  const pending = aggregate(prefixes).reverse();
  for (let piece = pending.pop(); piece !== undefined; piece = pending.pop()) {
    let hole = holes[index];
    while (hole !== undefined && comparePrefix(hole, piece) < 0 && !overlaps(hole, piece)) {
      index += 1;
      hole = holes[index];
    }
    if (hole === undefined || !overlaps(hole, piece)) {
      yield piece;
    } else if (!contains(hole, piece)) {
      const parts = halves(piece);
      if (parts !== undefined) pending.push(parts[1], parts[0]);
    }
  }
}

/** intersect is every address that is in both lists. */
export function intersect(a: readonly Prefix4[], b: readonly Prefix[]): Prefix4[];
export function intersect(a: readonly Prefix6[], b: readonly Prefix[]): Prefix6[];
export function intersect(a: readonly Prefix[], b: readonly Prefix[]): Prefix[];
export function intersect(a: readonly Prefix[], b: readonly Prefix[]): Prefix[] {
  const left = aggregate(a);
  const right = aggregate(b);
  const result: Prefix[] = [];
  let l = 0;
  let r = 0;
  for (;;) {
    const one = left[l];
    const other = right[r];
    if (one === undefined || other === undefined) return result;
    if (contains(one, other)) {
      result.push(other);
      r += 1;
    } else if (contains(other, one)) {
      result.push(one);
      l += 1;
    } else if (comparePrefix(one, other) < 0) {
      l += 1;
    } else {
      r += 1;
    }
  }
}

/** complement is every address of `within` that is in none of `prefixes`: what is free, or what a split tunnel leaves out. */
export function complement(within: Prefix4, prefixes: readonly Prefix[]): Prefix4[];
export function complement(within: Prefix6, prefixes: readonly Prefix[]): Prefix6[];
export function complement(within: Prefix, prefixes: readonly Prefix[]): Prefix[];
export function complement(within: Prefix, prefixes: readonly Prefix[]): Prefix[] {
  return subtract([within], prefixes);
}
