import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Address } from './address.ts';
import { address4, address6, strictAddress } from './address.ts';
import { BitTrie } from './bit-trie.ts';
import { keyBits4, keyBits6 } from './key-bits.ts';
import type { Prefix } from './prefix.ts';
import {
  comparePrefix,
  contains,
  containsAddress,
  equalPrefix,
  formatPrefix,
  hostPrefix,
  prefixOf,
  strictPrefix,
} from './prefix.ts';
import { anyAddress, anyPrefix, anyUniverse, memberAt, prefixIn } from './test-arbitraries.ts';
import type { TrieEntry } from './trie.ts';
import { PrefixTrie } from './trie.ts';

/** The same map as a list that every question scans. */
class Scan {
  list: TrieEntry<number>[] = [];

  insert(prefix: Prefix, value: number): void {
    this.remove(prefix);
    this.list = [...this.list, { prefix, value }].sort((a, b) => comparePrefix(a.prefix, b.prefix));
  }
  remove(prefix: Prefix): boolean {
    const before = this.list.length;
    this.list = this.list.filter((entry) => !equalPrefix(entry.prefix, prefix));
    return this.list.length < before;
  }
  get(prefix: Prefix) {
    return this.list.find((entry) => equalPrefix(entry.prefix, prefix));
  }
  lookup(address: Address) {
    return this.list
      .filter((entry) => containsAddress(entry.prefix, address))
      .sort((a, b) => b.prefix.length - a.prefix.length)[0];
  }
  covering(prefix: Prefix) {
    return this.list.filter((entry) => contains(entry.prefix, prefix));
  }
  covered(prefix: Prefix) {
    return this.list.filter((entry) => contains(prefix, entry.prefix));
  }
}

const closePrefix = fc.oneof(anyPrefix, anyUniverse.chain(prefixIn), anyUniverse);
const closeAddress = fc.oneof(
  anyAddress,
  fc.tuple(anyUniverse, fc.nat(255)).map(([universe, offset]) => memberAt(universe, offset)),
);

type Step =
  | { readonly kind: 'insert'; readonly prefix: Prefix; readonly value: number }
  | { readonly kind: 'remove'; readonly prefix: Prefix }
  | { readonly kind: 'remove one of those there'; readonly index: number }
  | { readonly kind: 'look up'; readonly address: Address }
  | { readonly kind: 'compare all'; readonly prefix: Prefix };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('insert'), prefix: closePrefix, value: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove'), prefix: closePrefix }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove one of those there'), index: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look up'), address: closeAddress }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compare all'), prefix: closePrefix }) },
);

describe('PrefixTrie against a linear scan', () => {
  test('any sequence of steps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
        const trie = new PrefixTrie<number>();
        const scan = new Scan();
        for (const next of steps) {
          switch (next.kind) {
            case 'insert':
              trie.insert(next.prefix, next.value);
              scan.insert(next.prefix, next.value);
              break;
            case 'remove':
              assert.equal(trie.remove(next.prefix), scan.remove(next.prefix));
              break;
            case 'remove one of those there': {
              const chosen = scan.list[next.index % Math.max(scan.list.length, 1)];
              if (chosen === undefined) break;
              scan.remove(chosen.prefix);
              assert.equal(trie.remove(chosen.prefix), true);
              assert.equal(trie.remove(chosen.prefix), false);
              break;
            }
            case 'look up':
              assert.deepEqual(trie.lookup(next.address), scan.lookup(next.address));
              break;
            case 'compare all':
              assert.deepEqual(trie.get(next.prefix), scan.get(next.prefix));
              assert.deepEqual(trie.covering(next.prefix), scan.covering(next.prefix));
              assert.deepEqual(trie.covered(next.prefix), scan.covered(next.prefix));
              assert.deepEqual(trie.entries(), scan.list);
              assert.equal(trie.size, scan.list.length);
              break;
          }
        }
        assert.deepEqual(trie.entries(), scan.list);
      }),
      { numRuns: 200 },
    );
  });

  // Enough prefixes and look-ups at rest that the jump table is built, then changes that must throw it away.
  test('at rest, changed, and at rest again', () => {
    const many = fc.array(closePrefix, { minLength: 120, maxLength: 250, size: 'max' });
    fc.assert(
      fc.property(
        many,
        many,
        fc.array(closeAddress, { minLength: 20, size: 'max', maxLength: 40 }),
        (first, second, addresses) => {
          const trie = new PrefixTrie<number>();
          const scan = new Scan();
          const compare = () => {
            const asked = [...addresses, ...scan.list.slice(0, 40).map(({ prefix }) => inside(prefix))];
            const expected = asked.map((address) => scan.lookup(address));
            // As many look-ups as a trie has nodes at most, twice: the table is built in between.
            for (let done = 0; done <= 2 * 2 * scan.list.length; done += asked.length) {
              assert.deepEqual(
                asked.map((address) => trie.lookup(address)),
                expected,
              );
            }
          };
          for (const [index, prefix] of first.entries()) {
            trie.insert(prefix, index);
            scan.insert(prefix, index);
          }
          compare();
          for (const [index, prefix] of second.entries()) {
            const removed = first[index];
            if (removed !== undefined && index % 2 === 0) {
              trie.remove(removed);
              scan.remove(removed);
            } else {
              trie.insert(prefix, -index);
              scan.insert(prefix, -index);
            }
          }
          compare();
          const [changed] = scan.list;
          if (changed === undefined) return;
          trie.insert(changed.prefix, 4711);
          scan.insert(changed.prefix, 4711);
          compare();
        },
      ),
      { numRuns: 20 },
    );
  });
});

function inside(prefix: Prefix): Address {
  return prefix.family === 4 ? address4(prefix.base) : address6(prefix.base);
}

describe('examples', () => {
  test('the longest match wins, whatever the order of insertion', () => {
    const list = ['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/18', '10.0.0.10/32', '::/0', '2001:db8::/32'].map(strictPrefix);
    for (const order of [list, list.toReversed()]) {
      const trie = new PrefixTrie(order.map((prefix) => [prefix, formatPrefix(prefix)] as const));
      const found = ['10.0.0.10', '10.0.0.20', '10.0.64.1', '11.0.0.0', '2001:db8::1', 'fe80::1'].map(
        (text) => trie.lookup(strictAddress(text))?.value,
      );
      assert.deepEqual(found, ['10.0.0.10/32', '10.0.0.0/18', '10.0.0.0/8', '0.0.0.0/0', '2001:db8::/32', '::/0']);
    }
  });

  test('an empty trie finds nothing', () => {
    const trie = new PrefixTrie<number>();
    assert.equal(trie.lookup(strictAddress('10.0.0.1')), undefined);
    assert.equal(trie.lookup(strictAddress('::')), undefined);
    assert.deepEqual(trie.covered(strictPrefix('0.0.0.0/0')), []);
    assert.equal(trie.remove(strictPrefix('0.0.0.0/0')), false);
  });

  test('a look-up gives the same entry each time', () => {
    const trie = new PrefixTrie([[strictPrefix('10.0.0.0/8'), 1]]);
    assert.equal(trie.lookup(strictAddress('10.0.0.1')), trie.lookup(strictAddress('10.255.0.1')));
  });
});

describe('nodes of a BitTrie', () => {
  test('n entries need at most 2n, and none stays when all are gone', () => {
    fc.assert(
      fc.property(fc.array(anyPrefix, { maxLength: 200, size: 'max' }), fc.infiniteStream(fc.nat()), (prefixes, order) => {
        const trie = new BitTrie<Prefix>();
        const key = (prefix: Prefix) => (prefix.family === 4 ? keyBits4(prefix.base) : keyBits6(prefix.base));
        for (const prefix of prefixes) {
          trie.set(key(prefix), prefix.length, prefix);
          assert(trie.nodes <= Math.max(2 * trie.size, 1), `${String(trie.nodes)} nodes for ${String(trie.size)} entries`);
        }
        const left = [...prefixes];
        for (const random of order) {
          if (left.length === 0) break;
          for (const prefix of left.splice(random % left.length, 1)) trie.delete(key(prefix), prefix.length);
          assert(trie.nodes <= Math.max(2 * trie.size, 1), `${String(trie.nodes)} nodes for ${String(trie.size)} entries`);
        }
        assert.equal(trie.size, 0);
        assert.equal(trie.nodes, 1);
      }),
      { numRuns: 50 },
    );
  });

  test('memory grows past its first size without losing a node', () => {
    const trie = new PrefixTrie<number>();
    for (let index = 0; index < 5000; index += 1) trie.insert(hostPrefix(address4((index * 2_654_435_761) % 2 ** 32)), index);
    for (let index = 0; index < 5000; index += 1) {
      assert.equal(trie.lookup(address4((index * 2_654_435_761) % 2 ** 32))?.value, index);
    }
    assert.equal(trie.covered(prefixOf(address4(0), 0)).length, 5000);
  });
});
