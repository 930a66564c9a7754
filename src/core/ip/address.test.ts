import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  address4,
  address6,
  addressPlus,
  compareAddress,
  equalAddress,
  formatAddress,
  parseAddress,
  strictAddress,
  tryParseAddress,
} from './address.ts';
import { anyAddress } from './test-arbitraries.ts';

function outcome(text: string): string {
  const parsed = parseAddress(text);
  return parsed.ok ? formatAddress(parsed.value) : `refused: ${parsed.reason}`;
}

describe('parseAddress', () => {
  const accepted: [text: string, canonical: string][] = [
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['100.96.0.100', '100.96.0.100'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    // RFC 4291 section 2.2 and RFC 5952 sections 2 and 4.
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['FF01:0:0:0:0:0:0:101', 'ff01::101'],
    ['0:0:0:0:0:0:13.1.68.3', '::d01:4403'],
    ['::FFFF:129.144.52.38', '::ffff:129.144.52.38'],
    ['::ffff:8190:3426', '::ffff:129.144.52.38'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8::0:1', '2001:db8::1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ];
  for (const [text, canonical] of accepted) test(`reads ${text}`, () => assert.equal(outcome(text), canonical));

  const refused: [text: string, what: RegExp][] = [
    ['', /^"" is not an IPv4 address: four numbers separated by dots are expected, like 10\.0\.0\.1$/],
    ['10.1', /four numbers/],
    ['167772161', /four numbers/],
    ['0x0a000001', /four numbers/],
    ['10.0.0.0x1', /0x1 is not a number from 0 to 255/],
    ['010.0.0.1', /010 starts with a zero, which some programs read as octal/],
    ['10.0.0.00', /00 starts with a zero/],
    ['10.0.0.256', /256 is above 255/],
    ['10.0.0.-1', /-1 is not a number/],
    ['10.0.0.1 ', /"1 " is not a number/],
    ['10.0.0.1\n', /"1\\u000a" is not a number/],
    ['10.0.0.', /"" is not a number/],
    ['10.0.0.1.', /four numbers/],
    ['１.0.0.1', /"\\uff11" is not a number/],
    ['1e1.0.0.1', /1e1 is not a number/],
    ['10.0.0.0/18', /^10\.0\.0\.0\/18 is a prefix; an address without \/length is expected$/],
    [':', /a group is empty/],
    [':::', /"::" may stand only once/],
    ['1::2::3', /"::" may stand only once/],
    ['1:2:3', /it has 3 groups; 8 are expected/],
    ['1:2:3:4:5:6:7:8:9', /it has 9 groups/],
    ['1:2:3:4::5:6:7:8', /8 groups beside "::", which leaves none/],
    [':1:2:3:4:5:6:7', /a group is empty/],
    ['1:2:3:4:5:6:7:', /a group is empty/],
    ['12345::', /12345 is not a group of 1 to 4 hexadecimal digits/],
    ['g::', /g is not a group/],
    ['::1.2.3', /1\.2\.3 is not an IPv4 address/],
    ['::01.2.3.4', /starts with a zero/],
    ['1.2.3.4::', /the IPv4 part 1\.2\.3\.4 may only stand at the end/],
    ['::1.2.3.4:5', /may only stand at the end/],
    ['1:2:3:4:5:6:7:1.2.3.4', /it has 9 groups/],
    ['fe80::1%eth0', /a zone .* has a meaning on one machine only/],
    ['[::1]', /leave the brackets and the port out/],
    ['[::1]:443', /leave the brackets and the port out/],
    [`::${'0'.repeat(60)}`, /longer than 45 characters/],
  ];
  for (const [text, what] of refused) {
    test(`refuses ${JSON.stringify(text).slice(0, 40)}`, () => {
      const parsed = parseAddress(text);
      assert(!parsed.ok, `${text} was read`);
      assert.match(parsed.reason, what);
      assert.equal(tryParseAddress(text), undefined);
    });
  }

  test('a message shows only printable ASCII and has an end', () => {
    const evil = '\u001b[31m\u202e"\\${IFS}'.repeat(50);
    const parsed = parseAddress(evil);
    assert(!parsed.ok);
    assert.match(parsed.reason, /^[\x20-\x7e]{1,600}$/);
    assert.match(parsed.reason, /\.\.\. \(\d+ characters\)/);
  });

  test('any text at all gives a one-line reason or an address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.stringMatching(/^[0-9a-f:.%/]{0,50}$/)), (text) => {
        const parsed = parseAddress(text);
        if (!parsed.ok) assert.match(parsed.reason, /^[\x20-\x7e]{1,900}$/);
      }),
    );
  });
});

describe('laws of addresses', () => {
  test('parse(format(x)) is x, and the text is canonical', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const text = formatAddress(address);
        assert.deepEqual(tryParseAddress(text), address);
        assert.deepEqual(strictAddress(text), address);
      }),
    );
  });

  test('equal text means equal address', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, (a, b) => {
        assert.equal(formatAddress(a) === formatAddress(b), equalAddress(a, b));
        assert.equal(compareAddress(a, b) === 0, equalAddress(a, b));
        assert.equal(compareAddress(a, b), -compareAddress(b, a) + 0);
      }),
    );
  });

  test('adding and taking away come back, and never leave the address space', () => {
    fc.assert(
      fc.property(anyAddress, fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), (address, offset) => {
        const moved = addressPlus(address, offset);
        const limit = address.family === 4 ? 1n << 32n : 1n << 128n;
        const value = BigInt(address.value) + BigInt(offset);
        assert.equal(moved === undefined, value < 0n || value >= limit);
        if (moved !== undefined) assert.deepEqual(addressPlus(moved, -offset), address);
      }),
    );
  });

  test('an IPv4 address and its IPv4-mapped form are two addresses', () => {
    assert.equal(equalAddress(strictAddress('10.0.0.1'), strictAddress('::ffff:10.0.0.1')), false);
  });
});

test('strictAddress names the canonical text', () => {
  assert.throws(() => strictAddress('2001:DB8::1'), { name: 'RangeError', message: /not in canonical form; write 2001:db8::1/ });
  assert.throws(() => strictAddress('10.1'), RangeError);
});

test('values outside the address space cannot be made', () => {
  for (const value of [-1, 2 ** 32, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => address4(value), RangeError);
  for (const value of [-1n, 1n << 128n]) assert.throws(() => address6(value), RangeError);
});
