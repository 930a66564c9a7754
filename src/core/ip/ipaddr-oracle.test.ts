/**
 * Three other implementations as oracles: ipaddr.js for values and prefix arithmetic, node:net for what is an address at all,
 * and the URL parser for the canonical IPv6 text. ipaddr.js alone is no judge of validity: it reads '010.0.0.1' as 8.0.0.1
 * and '10.1' as 10.0.0.1, so texts are compared with it only where node:net takes them too.
 */
import assert from 'node:assert/strict';
import { isIP, isIPv4 } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import type { Address } from './address.ts';
import {
  addressBits,
  containsAddress,
  firstAddress,
  formatPrefix,
  lastAddress,
  netmask,
  prefixOf,
  tryParsePrefix,
} from './prefix.ts';
import { formatAddress, strictAddress, tryParseAddress } from './address.ts';
import {
  anyAddress,
  anyAddress6,
  anyGroups,
  anyPrefix,
  anyPrefix4,
  anyUniverse,
  memberAt,
  prefixIn,
} from './test-arbitraries.ts';

/** All spellings of an IPv6 address: any case, leading zeros, "::" anywhere it may stand, an IPv4 tail. */
const anySpelling6 = fc
  .record({
    groups: anyGroups,
    width: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 8, maxLength: 8 }),
    upper: fc.boolean(),
    from: fc.nat(7),
    to: fc.nat(8),
    dotted: fc.boolean(),
  })
  .map(({ groups, width, upper, from, to, dotted }) => {
    const parts = groups.map((group, index) => {
      const text = group.toString(16).padStart(width[index] ?? 1, '0');
      return upper ? text.toUpperCase() : text;
    });
    const [high = 0, low = 0] = groups.slice(6);
    const tail = dotted ? [`${high >>> 8}.${high & 255}.${low >>> 8}.${low & 255}`] : parts.slice(6);
    const zeros = groups.slice(from, to);
    const ends = dotted && to > 6 ? to >= 8 && from <= 6 : true;
    if (to <= from || zeros.some((group) => group !== 0) || !ends) return [...parts.slice(0, 6), ...tail].join(':');
    const head = parts.slice(0, from).join(':');
    const rest = to <= 6 ? [...parts.slice(to, 6), ...tail] : parts.slice(to);
    return `${head}::${rest.join(':')}`;
  });

const anySpelling = fc.oneof(anySpelling6, anyAddress.map(formatAddress));

const slips = '0123456789abcdefABCDEFgx:.:./ %-+\n[]'.split('');

/** A spelling with a few characters changed, put in or taken out: mostly wrong, in ways that people and scripts get it wrong. */
const nearlyRight = fc
  .tuple(
    anySpelling,
    fc.array(fc.tuple(fc.nat(45), fc.nat(2), fc.constantFrom(...slips, '::', '00', '١')), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([text, edits]) => edits.reduce((now, [at, taken, put]) => now.slice(0, at) + put + now.slice(at + taken), text));

function bytes(address: Address): number[] {
  const digits = address.value.toString(16).padStart(addressBits(address.family) / 4, '0');
  return [...digits.matchAll(/../g)].map(([pair]) => Number.parseInt(pair, 16));
}

/**
 * The library reads '::1.2.3.4' as '::ffff:1.2.3.4', against RFC 4291 section 2.2 (its own example is '::13.1.68.3' for
 * 0:0:0:0:0:0:13.1.68.3) and against the URL parser, which is asked in its place for this one spelling.
 */
function libraryBytes(text: string): number[] {
  const compatible = /^::[0-9]+\./.test(text);
  return ipaddr.parse(compatible ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text).toByteArray();
}

describe('addresses', () => {
  test('every spelling is read, and as the same value as ipaddr.js reads', () => {
    fc.assert(
      fc.property(anySpelling, (text) => {
        assert.notEqual(isIP(text), 0, `${text} is no spelling at all: the generator is wrong`);
        const address = tryParseAddress(text);
        assert(address !== undefined, `${text} was refused`);
        assert.deepEqual(bytes(address), libraryBytes(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('what is an address at all: the verdict of node:net, but without zones', () => {
    fc.assert(
      fc.property(fc.oneof(nearlyRight, fc.string({ maxLength: 50 })), (text) => {
        const address = tryParseAddress(text);
        assert.equal(address?.family ?? 0, text.includes('%') ? 0 : isIP(text));
        if (address !== undefined) assert.deepEqual(bytes(address), libraryBytes(text));
      }),
      { numRuns: 3000 },
    );
  });

  test('the canonical text is that of RFC 5952', () => {
    fc.assert(
      fc.property(anyAddress6, (address) => {
        const text = formatAddress(address);
        const parsed = ipaddr.IPv6.parse(text);
        // Neither writes the dotted form of section 5.
        if (parsed.isIPv4MappedAddress()) {
          assert.equal(text, `::ffff:${parsed.toIPv4Address().toString()}`);
        } else {
          assert.equal(text, parsed.toRFC5952String());
          assert.equal(`[${text}]`, new URL(`http://[${text}]`).hostname);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('ipaddr.js still misreads IPv4-compatible addresses, which is why the URL parser stands in', () => {
    assert.equal(ipaddr.parse('::1.2.3.4').toNormalizedString(), '0:0:0:0:0:ffff:102:304');
    assert.deepEqual(bytes(strictAddress('::102:304')), libraryBytes('::1.2.3.4'));
  });

  test('ipaddr.js still reads what must be refused, which is why node:net gates it', () => {
    for (const text of ['010.0.0.1', '10.1', '0x0a.0.0.1', '167772161']) {
      assert(ipaddr.isValid(text));
      assert(!isIPv4(text));
      assert.equal(tryParseAddress(text), undefined);
    }
  });
});

describe('prefixes', () => {
  test('prefixOf, first, last and netmask', () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(128), (address, wanted) => {
        const length = address.family === 4 ? wanted % 33 : wanted;
        const cidr = `${formatAddress(address)}/${String(length)}`;
        const prefix = prefixOf(address, length);
        const library = address.family === 4 ? ipaddr.IPv4 : ipaddr.IPv6;
        assert.deepEqual(bytes(firstAddress(prefix)), library.networkAddressFromCIDR(cidr).toByteArray());
        assert.deepEqual(bytes(lastAddress(prefix)), library.broadcastAddressFromCIDR(cidr).toByteArray());
        const isNetwork = library.networkAddressFromCIDR(cidr).toByteArray().join() === bytes(address).join();
        assert.equal(tryParsePrefix(cidr) !== undefined, isNetwork);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(anyPrefix4, (prefix) => {
        assert.equal(netmask(prefix), ipaddr.IPv4.subnetMaskFromPrefixLength(prefix.length).toString());
      }),
    );
  });

  test('containsAddress', () => {
    const close = anyUniverse.chain((universe) =>
      fc.tuple(
        prefixIn(universe),
        fc.nat(255).map((offset) => memberAt(universe, offset)),
      ),
    );
    fc.assert(
      fc.property(fc.oneof(close, fc.tuple(anyPrefix, anyAddress)), ([prefix, address]) => {
        const parsed = ipaddr.parse(formatAddress(address));
        const [base, length] = ipaddr.parseCIDR(formatPrefix(prefix));
        const expected = parsed.kind() === base.kind() && parsed.match(base, length);
        assert.equal(containsAddress(prefix, address), expected);
      }),
      { numRuns: 500 },
    );
  });
});
