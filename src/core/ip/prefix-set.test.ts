import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Prefix } from './prefix.ts';
import { containsAddress, formatPrefix, prefixOf, strictPrefix } from './prefix.ts';
import { aggregate, complement, intersect, subtract } from './prefix-set.ts';
import { halves, mergedHalves, parentPrefix, prefixesBetween } from './prefix-split.ts';
import { anyPrefix, inUniverse, memberAt, prefixesIn } from './test-arbitraries.ts';

const prefixes = (...texts: string[]) => texts.map(strictPrefix);
const texts = (list: readonly Prefix[]) => list.map(formatPrefix);

describe('examples', () => {
  test('aggregate joins neighbours of one parent only', () => {
    const list = prefixes(
      '10.0.2.0/24',
      '10.0.1.0/24',
      '10.0.0.0/24',
      '10.0.3.0/24',
      '10.0.4.0/24',
      '10.0.0.0/30',
      '10.0.6.0/24',
    );
    assert.deepEqual(texts(aggregate(list)), ['10.0.0.0/22', '10.0.4.0/24', '10.0.6.0/24']);
    assert.deepEqual(texts(aggregate(prefixes('10.0.1.0/24', '10.0.2.0/24'))), ['10.0.1.0/24', '10.0.2.0/24']);
  });
  test('aggregate keeps families apart, and joins whole ones', () => {
    const list = prefixes('8000::/1', '128.0.0.0/1', '::/1', '0.0.0.0/1');
    assert.deepEqual(texts(aggregate(list)), ['0.0.0.0/0', '::/0']);
  });
  test('a hole in the tunnel range', () => {
    assert.deepEqual(texts(subtract(prefixes('100.96.0.0/30'), prefixes('100.96.0.1/32'))), ['100.96.0.0/32', '100.96.0.2/31']);
  });
  test('what a full tunnel leaves out', () => {
    assert.deepEqual(texts(complement(strictPrefix('0.0.0.0/0'), prefixes('128.0.0.0/2', '0.0.0.0/1'))), ['192.0.0.0/2']);
  });
  test('nothing in, nothing out', () => {
    const some = prefixes('10.0.0.0/8');
    assert.deepEqual(aggregate([]), []);
    assert.deepEqual(subtract([], some), []);
    assert.deepEqual(subtract(some, []), some);
    assert.deepEqual(intersect(some, []), []);
    assert.deepEqual(complement(strictPrefix('10.0.0.0/8'), some), []);
  });
});

/**
 * The naive model: a set is 256 booleans, and the fewest prefixes of it are found top down: a block that is full is one
 * prefix, an empty one none, any other is the sum of its halves. Equality with it proves exactness, order and minimality.
 */
describe('against a model of 256 booleans', () => {
  const twoLists = inUniverse((universe) => fc.tuple(prefixesIn(universe), prefixesIn(universe)));

  test('aggregate, subtract, intersect and complement', () => {
    fc.assert(
      fc.property(twoLists, ([universe, [a, b]]) => {
        const inA = bits(universe, a);
        const inB = bits(universe, b);
        const expected = (keep: (offset: number) => boolean) => texts(fewest(universe, keep));
        assert.deepEqual(
          texts(aggregate(a)),
          expected((offset) => inA[offset] === true),
        );
        assert.deepEqual(
          texts(subtract(a, b)),
          expected((offset) => inA[offset] === true && inB[offset] === false),
        );
        assert.deepEqual(
          texts(intersect(a, b)),
          expected((offset) => inA[offset] === true && inB[offset] === true),
        );
        assert.deepEqual(
          texts(complement(universe, b)),
          expected((offset) => inB[offset] === false),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('prefixesBetween', () => {
    const range = inUniverse(() => fc.tuple(fc.nat(255), fc.nat(255)));
    fc.assert(
      fc.property(range, ([universe, [from, to]]) => {
        const found = prefixesBetween(memberAt(universe, from), memberAt(universe, to));
        assert.deepEqual(texts(found), texts(fewest(universe, (offset) => from <= offset && offset <= to)));
      }),
    );
  });
});

describe('laws over the whole address space', () => {
  const anyList = fc.array(anyPrefix, { maxLength: 30 });

  test('subtract and intersect divide a set into two disjoint parts', () => {
    fc.assert(
      fc.property(anyList, anyList, (a, b) => {
        const outside = subtract(a, b);
        const inside = intersect(a, b);
        assert.deepEqual(intersect(outside, b), []);
        assert.deepEqual(intersect(outside, inside), []);
        assert.deepEqual(aggregate([...outside, ...inside]), aggregate(a));
        assert.deepEqual(inside, intersect(b, a));
      }),
    );
  });

  test('aggregate is idempotent and does not depend on the order', () => {
    fc.assert(
      fc.property(anyList, (list) => {
        const once = aggregate(list);
        assert.deepEqual(aggregate(once), once);
        assert.deepEqual(aggregate(list.toReversed()), once);
        assert.deepEqual(aggregate([...list, ...once]), once);
      }),
    );
  });

  test('halves, parentPrefix and mergedHalves undo each other', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (prefix, other) => {
        const parts = halves(prefix);
        if (parts === undefined) return;
        assert.deepEqual(parts.map(parentPrefix), [prefix, prefix]);
        assert.deepEqual(mergedHalves(...parts), prefix);
        assert.equal(mergedHalves(parts[1], parts[0]), undefined, 'the lower one comes first');
        assert.equal(mergedHalves(prefix, prefix), undefined);
        const merged = mergedHalves(prefix, other);
        if (merged !== undefined) assert.deepEqual(halves(merged), [prefix, other]);
      }),
    );
  });
});

function bits(universe: Prefix, list: readonly Prefix[]): boolean[] {
  return Array.from({ length: 256 }, (_, offset) => {
    const address = memberAt(universe, offset);
    return list.some((prefix) => containsAddress(prefix, address));
  });
}

function fewest(universe: Prefix, keep: (offset: number) => boolean): Prefix[] {
  const walk = (from: number, size: number): Prefix[] => {
    const kept = Array.from({ length: size }, (_, index) => keep(from + index));
    if (kept.every(Boolean)) return [prefixOf(memberAt(universe, from), universe.length + 8 - Math.log2(size))];
    if (!kept.some(Boolean)) return [];
    return [...walk(from, size / 2), ...walk(from + size / 2, size / 2)];
  };
  return walk(0, 256);
}
