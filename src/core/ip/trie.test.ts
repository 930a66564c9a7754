import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Address } from './address.ts';
import { address4, addressPlus, strictAddress } from './address.ts';
import { BitTrie } from './bit-trie.ts';
import { bitsAt, keyBits4, keyBits6 } from './key-bits.ts';
import type { Prefix } from './prefix.ts';
import {
  addressBits,
  comparePrefix,
  contains,
  containsAddress,
  equalPrefix,
  firstAddress,
  formatPrefix,
  hostPrefix,
  lastAddress,
  prefixOf,
  strictPrefix,
} from './prefix.ts';
import { anyAddress, anyAddress4, anyAddress6, anyPrefix, anyUniverse, memberAt, prefixIn } from './test-arbitraries.ts';
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

  // A table answers once a trie is at rest (see JumpTable): every question is asked of the walk and of the table, and again
  // after changes that have to throw the table away.
  test('at rest, changed, and at rest again', () => {
    const crowd = anyTrunk.chain((trunk) =>
      fc.tuple(fc.constant(trunk), crowdUnder(trunk), crowdUnder(trunk), fc.option(closePrefix)),
    );
    fc.assert(
      fc.property(crowd, ([trunk, first, second, stranger]) => {
        const trie = new PrefixTrie<number>();
        const scan = new Scan();
        const insert = (prefix: Prefix, value: number) => {
          trie.insert(prefix, value);
          scan.insert(prefix, value);
        };
        const remove = (prefix: Prefix) => assert.equal(trie.remove(prefix), scan.remove(prefix));
        const asked = [...first.slice(0, 20), ...second.slice(0, 20), trunk].flatMap(bordering);
        const compare = () => {
          const expected = asked.map((address) => scan.lookup(address));
          assert.deepEqual(
            asked.map((address) => trie.lookup(address)),
            expected,
          );
          for (let count = 0; count <= 2 * scan.list.length; count += 1) trie.lookup(firstAddress(trunk));
          assert.deepEqual(
            asked.map((address) => trie.lookup(address)),
            expected,
          );
        };
        for (const [index, prefix] of first.entries()) insert(prefix, index);
        compare();
        // Each kind of change alone: a value, a new prefix, one more prefix at a fork, one less.
        for (const prefix of first.slice(0, 1)) insert(prefix, 4711);
        compare();
        for (const prefix of second.slice(0, 1)) insert(prefix, 4712);
        compare();
        insert(stranger ?? trunk, 4713);
        compare();
        for (const prefix of first.slice(1, 2)) remove(prefix);
        compare();
        for (const [index, prefix] of second.entries()) insert(prefix, -index);
        for (const prefix of first) remove(prefix);
        compare();
      }),
      { numRuns: 30 },
    );
  });
});

/** What all prefixes of a crowd have in common; with it the table begins anywhere in a key, also across two words. */
const anyTrunk = fc.oneof(
  fc.tuple(anyAddress4, fc.nat(12)).map(([address, length]) => prefixOf(address, length)),
  fc.tuple(anyAddress6, fc.nat(104)).map(([address, length]) => prefixOf(address, length)),
);

/** Enough different prefixes under a trunk that a table is worth it. */
function crowdUnder(trunk: Prefix): fc.Arbitrary<Prefix[]> {
  const one = fc.tuple(fc.nat(2 ** 16 - 1), fc.integer({ min: 1, max: 16 })).map(([bits, longer]) => {
    const length = trunk.length + longer;
    const address = addressPlus(
      firstAddress(trunk),
      (BigInt(bits) << BigInt(addressBits(trunk.family))) >> BigInt(trunk.length + 16),
    );
    assert(address !== undefined);
    return prefixOf(address, length);
  });
  return fc.uniqueArray(one, { selector: formatPrefix, minLength: 70, maxLength: 120, size: 'max' });
}

/** The first and the last address of a prefix and their neighbours outside. */
function bordering(prefix: Prefix): Address[] {
  const first = firstAddress(prefix);
  const last = lastAddress(prefix);
  return [first, last, addressPlus(first, -1), addressPlus(last, 1)].filter((address) => address !== undefined);
}

describe('bitsAt', () => {
  test('cuts what the binary text has there', () => {
    fc.assert(
      fc.property(anyAddress6, fc.nat(128), fc.integer({ min: 1, max: 31 }), (address, index, count) => {
        const { w0, w1, w2, w3 } = keyBits6(address.value);
        const text = address.value.toString(2).padStart(128, '0').padEnd(160, '0');
        assert.equal(bitsAt(index, count, w0, w1, w2, w3), Number.parseInt(text.slice(index, index + count), 2));
      }),
    );
  });
});

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

test('a BitTrie makes a table after as many look-ups as it has nodes, and again after a change', () => {
  const trie = new BitTrie<number>();
  const lookUp = (times: number) => {
    for (let count = 0; count < times; count += 1) trie.lookup(0, 0, 0, 0);
  };
  for (let index = 0; index < 100; index += 1) trie.set(keyBits4(index << 24), 8, index);
  for (const change of [
    () => trie.set(keyBits4(0), 32, 1),
    () => trie.delete(keyBits4(1 << 24), 8),
    () => trie.set(keyBits4(0), 0, 2),
  ]) {
    lookUp(trie.nodes - 1);
    assert.equal(trie.atRest, false);
    lookUp(1);
    assert.equal(trie.atRest, true);
    change();
    assert.equal(trie.atRest, false);
  }
  lookUp(trie.nodes);
  trie.set(keyBits4(0), 0, 3);
  assert.equal(trie.atRest, true, 'another value under the same key changes no node');
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
