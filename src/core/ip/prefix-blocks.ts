import type { Prefix, PrefixText } from './prefix.ts';
import { comparePrefix, formatPrefix, overlaps } from './prefix.ts';
import { aggregate, subtract } from './prefix-set.ts';

/**
 * PrefixBlocks is a set of addresses out of which different prefixes are taken again and again: what all sites need, less each one's own.
 * Aggregating thousands anew for each of a thousand sites took seconds; here only the few blocks that hold those prefixes are looked at.
 */
export class PrefixBlocks {
  readonly #prefixes: readonly Prefix[];
  /** The whole set: the fewest prefixes with exactly these addresses, in order. */
  readonly texts: readonly PrefixText[];

  constructor(prefixes: readonly Prefix[]) {
    this.#prefixes = aggregate(prefixes);
    this.texts = this.#prefixes.map(formatPrefix);
  }

  /** without gives the set less `removed`, as canonical as the whole: pieces of one block never join those of another. */
  without(removed: readonly Prefix[]): readonly PrefixText[] {
    const parts: (readonly PrefixText[])[] = [];
    let from = 0;
    for (const place of this.#placesOf(removed)) {
      parts.push(this.texts.slice(from, place), this.#pieces(place, removed));
      from = place + 1;
    }
    return [...parts, this.texts.slice(from)].flat();
  }

  /** exceptions says the same as a difference: the blocks that are not in the rest, and what is there instead of them. */
  exceptions(removed: readonly Prefix[]): { readonly without: ReadonlySet<PrefixText>; readonly instead: readonly PrefixText[] } {
    const places = this.#placesOf(removed);
    return {
      without: new Set(places.flatMap((place) => this.texts.slice(place, place + 1))),
      instead: places.flatMap((place) => this.#pieces(place, removed)),
    };
  }

  #pieces(place: number, removed: readonly Prefix[]): readonly PrefixText[] {
    return subtract(this.#prefixes.slice(place, place + 1), removed).map(formatPrefix);
  }

  /** Where the blocks are that share addresses with one of these, in order. Blocks are sorted and disjoint, so a few comparisons find them. */
  #placesOf(removed: readonly Prefix[]): readonly number[] {
    const found = new Set<number>();
    for (const prefix of removed) {
      const after = this.#placeAfter(prefix);
      const before = this.#prefixes[after - 1];
      if (before !== undefined && overlaps(before, prefix)) found.add(after - 1);
      // A block is smaller than the prefix only where something, as a gateway's address, was cut out of it.
      for (let place = after; ; place += 1) {
        const block = this.#prefixes[place];
        if (block === undefined || !overlaps(block, prefix)) break;
        found.add(place);
      }
    }
    return [...found].sort((a, b) => a - b);
  }

  /** The place of the first block that comes after the prefix in their order. */
  #placeAfter(prefix: Prefix): number {
    let [low, high] = [0, this.#prefixes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const block = this.#prefixes[middle];
      if (block !== undefined && comparePrefix(block, prefix) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
