import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addressPlus, compareAddress, formatAddress, strictAddress } from './address.ts';
import type { Prefix } from './prefix.ts';
import {
  comparePrefix,
  contains,
  containsAddress,
  equalPrefix,
  firstAddress,
  formatPrefix,
  hostPrefix,
  lastAddress,
  netmask,
  overlaps,
  parsePrefix,
  prefixOf,
  prefixSize,
  strictPrefix,
  tryParsePrefix,
} from './prefix.ts';
import { anyAddress, anyPrefix, anyPrefix4, anyUniverse, inUniverse, memberAt, prefixIn } from './test-arbitraries.ts';

describe('parsePrefix', () => {
  for (const text of [
    '10.0.0.0/18',
    '0.0.0.0/0',
    '255.255.255.255/32',
    '::/0',
    '2001:db8::/32',
    '::1/128',
    '::ffff:10.0.0.0/104',
  ]) {
    test(`reads ${text}`, () => {
      const parsed = parsePrefix(text);
      assert(parsed.ok, text);
      assert.equal(formatPrefix(parsed.value), text);
    });
  }

  const refused: [text: string, reason: string, suggestion?: string][] = [
    ['10.0.0.1/18', '10.0.0.1/18 has host bits set; did you mean 10.0.0.0/18?', '10.0.0.0/18'],
    ['2001:DB8::1/32', '2001:DB8::1/32 has host bits set; did you mean 2001:db8::/32?', '2001:db8::/32'],
    ['128.0.0.0/0', '128.0.0.0/0 has host bits set; did you mean 0.0.0.0/0?', '0.0.0.0/0'],
    ['10.0.0.1', '10.0.0.1 is an address without a prefix length; did you mean 10.0.0.1/32?', '10.0.0.1/32'],
    ['::1', '::1 is an address without a prefix length; did you mean ::1/128?', '::1/128'],
    [
      '10.0.0.0/255.255.192.0',
      '10.0.0.0/255.255.192.0 is not a prefix: the length after the slash is not a number from 0 to 32; did you mean 10.0.0.0/18?',
      '10.0.0.0/18',
    ],
    ['10.0.0.0/255.0.255.0', '10.0.0.0/255.0.255.0 is not a prefix: the length after the slash is not a number from 0 to 32'],
    ['10.0.0.0/33', '10.0.0.0/33 is not a prefix: the length after the slash is not a number from 0 to 32'],
    ['::/129', '::/129 is not a prefix: the length after the slash is not a number from 0 to 128'],
    ['10.0.0.0/018', '10.0.0.0/018 is not a prefix: the length after the slash is not a number from 0 to 32'],
    ['10.0.0.0/', '10.0.0.0/ is not a prefix: the length after the slash is not a number from 0 to 32'],
    ['10.0.0.0/+8', '"10.0.0.0/+8" is not a prefix: the length after the slash is not a number from 0 to 32'],
    ['10.0.0.0/8/8', '10.0.0.0/8/8 is not a prefix: the length after the slash is not a number from 0 to 32'],
    ['10.1/16', '10.1 is not an IPv4 address: four numbers separated by dots are expected, like 10.0.0.1'],
    ['', '"" is not a prefix: an address and a length are expected, like 10.0.0.0/18'],
    ['HQ', 'HQ is not a prefix: an address and a length are expected, like 10.0.0.0/18'],
  ];
  for (const [text, reason, suggestion] of refused) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      const parsed = parsePrefix(text);
      assert.deepEqual(parsed, suggestion === undefined ? { ok: false, reason } : { ok: false, reason, suggestion });
      assert.equal(tryParsePrefix(text), undefined);
    });
  }

  test('every suggestion is accepted as it is', () => {
    const text = fc.tuple(anyAddress, fc.integer({ min: 0, max: 130 })).map(([address, length]) => {
      return length > 128 ? formatAddress(address) : `${formatAddress(address)}/${String(length)}`;
    });
    fc.assert(
      fc.property(text, (written) => {
        const parsed = parsePrefix(written);
        if (!parsed.ok && parsed.suggestion !== undefined)
          assert.equal(formatPrefix(strictPrefix(parsed.suggestion)), parsed.suggestion);
      }),
    );
  });
});

test('strictPrefix takes only the canonical text', () => {
  assert.throws(() => strictPrefix('2001:DB8::/32'), { name: 'RangeError', message: /write 2001:db8::\/32/ });
  assert.throws(() => strictPrefix('10.0.0.1/18'), { name: 'RangeError', message: /host bits/ });
});

test('prefixOf refuses lengths that the family does not have', () => {
  const four = strictAddress('10.0.0.1');
  for (const length of [-1, 33, 1.5, Number.NaN]) assert.throws(() => prefixOf(four, length), RangeError);
  assert.throws(() => prefixOf(strictAddress('::1'), 129), RangeError);
});

test('netmask speaks the language of openvpn', () => {
  const masks = [0, 1, 8, 11, 18, 31, 32].map((length) => netmask(prefixOf4('10.0.0.0', length)));
  assert.deepEqual(masks, [
    '0.0.0.0',
    '128.0.0.0',
    '255.0.0.0',
    '255.224.0.0',
    '255.255.192.0',
    '255.255.255.254',
    '255.255.255.255',
  ]);
});

function prefixOf4(text: string, length: number) {
  const address = strictAddress(text);
  assert(address.family === 4);
  return prefixOf(address, length);
}

describe('laws of prefixes', () => {
  test('parse(format(x)) is x', () => {
    fc.assert(fc.property(anyPrefix, (prefix) => assert.deepEqual(strictPrefix(formatPrefix(prefix)), prefix)));
  });

  test('a netmask instead of the length is understood as what it means', () => {
    fc.assert(
      fc.property(anyPrefix4, (prefix) => {
        const parsed = parsePrefix(`${formatAddress(firstAddress(prefix))}/${netmask(prefix)}`);
        assert(!parsed.ok);
        assert.equal(parsed.suggestion, formatPrefix(prefix));
      }),
    );
  });

  test('contains, containsAddress, overlaps and the order say what the addresses say', () => {
    const pair = inUniverse((universe) => fc.tuple(prefixIn(universe), prefixIn(universe)));
    fc.assert(
      fc.property(pair, ([universe, [a, b]]) => {
        const inA = members(universe, a);
        const inB = members(universe, b);
        assert.equal(contains(a, b), inB.isSubsetOf(inA));
        assert.equal(overlaps(a, b), !inA.isDisjointFrom(inB));
        assert.equal(overlaps(b, a), overlaps(a, b));
        assert.equal(equalPrefix(a, b), inA.size === inB.size && inA.isSubsetOf(inB));
        assert.equal(comparePrefix(a, b) === 0, equalPrefix(a, b));
        if (contains(a, b)) assert(comparePrefix(a, b) <= 0, 'a prefix comes before what it contains');
        assert.equal(Number(prefixSize(a)), inA.size);
      }),
    );
  });

  test('the first and the last address are inside, their neighbours are not', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        const first = firstAddress(prefix);
        const last = lastAddress(prefix);
        assert(containsAddress(prefix, first) && containsAddress(prefix, last));
        assert(contains(prefix, hostPrefix(last)));
        const before = addressPlus(first, -1);
        const behind = addressPlus(last, 1);
        assert(before === undefined || !containsAddress(prefix, before));
        assert(behind === undefined || !containsAddress(prefix, behind));
        assert.equal(BigInt(last.value) - BigInt(first.value) + 1n, BigInt(prefixSize(prefix)));
        assert(compareAddress(first, last) <= 0);
      }),
    );
  });

  test('prefixOf is the one prefix of its length that holds the address', () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(128), (address, wanted) => {
        const length = address.family === 4 ? wanted % 33 : wanted;
        const prefix = prefixOf(address, length);
        assert(containsAddress(prefix, address));
        assert.deepEqual(prefixOf(firstAddress(prefix), length), prefix);
      }),
    );
  });

  test('comparePrefix is a total order', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, anyPrefix, (a, b, c) => {
        assert.equal(comparePrefix(a, b), -comparePrefix(b, a) + 0);
        if (comparePrefix(a, b) <= 0 && comparePrefix(b, c) <= 0) assert(comparePrefix(a, c) <= 0);
      }),
    );
  });

  test('families never meet', () => {
    const everything4 = strictPrefix('0.0.0.0/0');
    const everything6 = strictPrefix('::/0');
    assert.equal(overlaps(everything4, everything6), false);
    assert.equal(contains(everything6, strictPrefix('10.0.0.0/8')), false);
    assert.equal(contains(everything4, strictPrefix('::ffff:10.0.0.0/104')), false);
    assert.equal(containsAddress(everything6, strictAddress('10.0.0.1')), false);
    assert.equal(containsAddress(everything4, strictAddress('::1')), false);
  });
});

/** The offsets in a universe of 256 addresses that lie in the prefix, found one by one from the binary text. */
function members(universe: Prefix, prefix: Prefix): Set<number> {
  const offsets = Array.from({ length: 256 }, (_, offset) => offset);
  const lead = binary(prefix.base, prefix.family).slice(0, prefix.length);
  return new Set(offsets.filter((offset) => binary(memberAt(universe, offset).value, universe.family).startsWith(lead)));
}

function binary(value: number | bigint, family: 4 | 6): string {
  return value.toString(2).padStart(family === 4 ? 32 : 128, '0');
}

test('the universes of these tests have 256 addresses', () => {
  fc.assert(fc.property(anyUniverse, (universe) => assert.equal(Number(prefixSize(universe)), 256)));
});
