import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Address } from './address.ts';
import { formatAddress, strictAddress } from './address.ts';
import type { FreeRange } from './next-free.ts';
import { freeAddresses, nextFreeAddress, nextFreePrefix } from './next-free.ts';
import type { Prefix } from './prefix.ts';
import { containsAddress, formatPrefix, hostPrefix, overlaps, prefixOf, strictPrefix } from './prefix.ts';
import { inUniverse, memberAt, prefixesIn } from './test-arbitraries.ts';

const hosts = (...texts: string[]) => texts.map((text) => hostPrefix(strictAddress(text)));
const range = (text: string, skipFirst = 0, skipLast = 0): FreeRange => ({ prefix: strictPrefix(text), skipFirst, skipLast });
const shown = (address: Address | undefined) => (address === undefined ? undefined : formatAddress(address));

describe('nextFreeAddress', () => {
  test('skips reserved offsets and taken addresses', () => {
    const connectors = [range('100.96.0.0/24', 100, 1)];
    assert.equal(shown(nextFreeAddress(connectors, [])), '100.96.0.100');
    assert.equal(shown(nextFreeAddress(connectors, hosts('100.96.0.100', '100.96.0.102'))), '100.96.0.101');
    assert.equal(shown(nextFreeAddress(connectors, hosts('100.96.0.100', '100.96.0.101'))), '100.96.0.102');
  });
  test('goes on in the next range, in the order given', () => {
    const ranges = [range('10.9.0.0/31'), range('10.8.0.0/31')];
    assert.equal(shown(nextFreeAddress(ranges, hosts('10.9.0.0', '10.9.0.1'))), '10.8.0.0');
  });
  test('an address that was just returned comes last', () => {
    const ranges = [range('10.8.0.0/29', 2, 1), range('10.9.0.0/30')];
    const order = [...freeAddresses(ranges, hosts('10.8.0.5'), strictAddress('10.8.0.3'))].map(formatAddress);
    assert.deepEqual(order, ['10.8.0.4', '10.8.0.6', '10.9.0.0', '10.9.0.1', '10.9.0.2', '10.9.0.3', '10.8.0.2', '10.8.0.3']);
  });
  test('the last address of all is followed by nothing', () => {
    const ranges = [range('255.255.255.254/31')];
    assert.equal(shown(nextFreeAddress(ranges, hosts('255.255.255.254'), strictAddress('255.255.255.255'))), '255.255.255.255');
    assert.deepEqual([...freeAddresses(ranges, [])].map(formatAddress), ['255.255.255.254', '255.255.255.255']);
  });
  test('a range that is skipped as a whole gives nothing', () => {
    assert.equal(nextFreeAddress([range('10.8.0.0/30', 3, 1)], []), undefined);
    assert.equal(nextFreeAddress([range('10.8.0.0/30', 100)], []), undefined);
    assert.equal(nextFreeAddress([range('0.0.0.0/30', 0, 100)], []), undefined);
    assert.equal(nextFreeAddress([], []), undefined);
  });
  test('a /64 is not searched address by address', () => {
    const ranges = [range('fd96::/48', 1)];
    assert.equal(shown(nextFreeAddress(ranges, [strictPrefix('fd96::/64')])), 'fd96:0:0:1::');
  });
});

describe('nextFreePrefix', () => {
  test('gives aligned prefixes and passes small gaps over', () => {
    const taken = [strictPrefix('10.0.0.0/24'), strictPrefix('10.0.1.128/25')];
    assert.equal(formatPrefix(nextFreePrefix([range('10.0.0.0/16')], taken, 24) ?? assert.fail()), '10.0.2.0/24');
    assert.equal(formatPrefix(nextFreePrefix([range('10.0.0.0/16')], taken, 25) ?? assert.fail()), '10.0.1.0/25');
  });
  test('keeps clear of reserved offsets', () => {
    assert.equal(formatPrefix(nextFreePrefix([range('10.0.0.0/24', 1)], [], 26) ?? assert.fail()), '10.0.0.64/26');
  });
  test('knows when nothing fits', () => {
    assert.equal(nextFreePrefix([range('10.0.0.0/24')], hosts('10.0.0.1', '10.0.0.200'), 25), undefined);
    assert.equal(nextFreePrefix([range('10.0.0.0/24')], [], 23), undefined);
    assert.equal(nextFreePrefix([range('10.0.0.0/24')], [], 64), undefined);
  });
});

describe('against a search of every address', () => {
  const search = inUniverse((universe) =>
    fc.record({
      taken: prefixesIn(universe, 40),
      parts: fc.uniqueArray(fc.nat(15), { minLength: 1, maxLength: 3 }),
      skipFirst: fc.nat(5),
      skipLast: fc.nat(5),
      after: fc.option(fc.nat(255)),
    }),
  );

  test('freeAddresses finds the same addresses in the same order', () => {
    fc.assert(
      fc.property(search, ([universe, { taken, parts, skipFirst, skipLast, after }]) => {
        const ranges = parts.map((part) => ({
          prefix: prefixOf(memberAt(universe, part * 16), universe.length + 4),
          skipFirst,
          skipLast,
        }));
        const free = (offset: number) => {
          const address = memberAt(universe, offset);
          return !taken.some((prefix) => containsAddress(prefix, address));
        };
        const order = parts.flatMap((part) =>
          Array.from({ length: 16 }, (_, index) => ({
            offset: part * 16 + index,
            given: index >= skipFirst && index < 16 - skipLast,
          })),
        );
        const cut = order.findIndex(({ offset }) => offset === after) + 1;
        const expected = [...order.slice(cut), ...order.slice(0, cut)].filter(({ offset, given }) => given && free(offset));
        const found = [...freeAddresses(ranges, taken, after === null ? undefined : memberAt(universe, after))];
        assert.deepEqual(
          found.map(formatAddress),
          expected.map(({ offset }) => formatAddress(memberAt(universe, offset))),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('nextFreePrefix finds the first aligned block that touches nothing', () => {
    fc.assert(
      fc.property(search, fc.integer({ min: 0, max: 9 }), ([universe, { taken, skipFirst, skipLast }], longer) => {
        const ranges = [{ prefix: universe, skipFirst, skipLast }];
        const length = universe.length + longer;
        const size = 2 ** (8 - longer);
        const blocks = longer > 8 ? [] : Array.from({ length: 256 / size }, (_, index) => index * size);
        const fits = (offset: number) => {
          const block = prefixOf(memberAt(universe, offset), length);
          return (
            offset >= skipFirst && offset + size <= 256 - skipLast && !taken.some((prefix: Prefix) => overlaps(prefix, block))
          );
        };
        const expected = blocks.find(fits);
        const found = nextFreePrefix(ranges, taken, length);
        assert.deepEqual(found, expected === undefined ? undefined : prefixOf(memberAt(universe, expected), length));
      }),
    );
  });
});
