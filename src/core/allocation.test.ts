import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AddressStock, AddressUse } from './allocation.ts';
import { checkFixedAddress, gatewayAddress, proposeAddress } from './allocation.ts';
import type { Address4, AddressText } from './ip/address.ts';
import { formatAddress, strictAddress } from './ip/address.ts';
import type { Prefix4 } from './ip/prefix.ts';
import { containsAddress, strictPrefix } from './ip/prefix.ts';

const range = (text: string) => strictPrefix(text) as Prefix4;
const address = (text: string) => strictAddress(text) as Address4;
const texts = (...list: string[]) => list as AddressText[];
const stock = (ranges: string[], taken: string[] = [], resting: string[] = []): AddressStock => ({
  ranges: ranges.map(range),
  taken: new Set(texts(...taken)),
  resting: texts(...resting),
});

function proposed(use: AddressUse, from: AddressStock): string {
  const result = proposeAddress(use, from);
  return result.ok ? result.value : `refused: ${result.reason}`;
}

describe('proposeAddress', () => {
  const table: [string, AddressUse, AddressStock, string][] = [
    ["the tutorial's HQ connector", 'connector', stock(['100.96.0.0/11']), '100.96.0.100'],
    ["the tutorial's Branch connector", 'connector', stock(['100.96.0.0/11'], ['100.96.0.100']), '100.96.0.101'],
    ['a device lies outside the connectors block', 'device', stock(['100.96.0.0/11']), '100.96.16.1'],
    ['a released address rests', 'connector', stock(['100.96.0.0/11'], [], ['100.96.0.100']), '100.96.0.101'],
    ['a small range starts at 2', 'connector', stock(['10.8.0.0/29']), '10.8.0.2'],
    ['and devices have its other half', 'device', stock(['10.8.0.0/29']), '10.8.0.4'],
    [
      'what rested longest comes first when all else is taken',
      'device',
      stock(['10.8.0.0/29'], ['10.8.0.4'], ['10.8.0.6', '10.8.0.5']),
      '10.8.0.6',
    ],
    ['a further range helps', 'device', stock(['10.8.0.0/29', '10.9.0.0/29'], ['10.8.0.4', '10.8.0.5', '10.8.0.6']), '10.9.0.4'],
  ];
  for (const [name, use, from, wanted] of table) test(name, () => assert.equal(proposed(use, from), wanted));

  test('says which ranges are used up', () => {
    assert.match(
      proposed('device', stock(['10.8.0.0/29'], ['10.8.0.4', '10.8.0.5', '10.8.0.6'])),
      /every device address of 10\.8\.0\.0\/29/,
    );
  });

  test('law: an address is never given twice, never the gateway, always inside, and uses do not meet', () => {
    const uses = fc.array(fc.constantFrom<AddressUse>('connector', 'device'), { maxLength: 60 });
    fc.assert(
      fc.property(uses, fc.integer({ min: 20, max: 29 }), (order, length) => {
        const ranges = [range(`10.8.0.0/${length}`)];
        const taken = new Map<AddressText, AddressUse>();
        for (const use of order) {
          const result = proposeAddress(use, { ranges, taken: new Set(taken.keys()), resting: [] });
          if (!result.ok) continue;
          assert.ok(!taken.has(result.value));
          assert.notEqual(result.value, formatAddress(gatewayAddress(range(`10.8.0.0/${length}`))));
          assert.ok(ranges.some((each) => containsAddress(each, address(result.value))));
          taken.set(result.value, use);
        }
        const highest = (use: AddressUse) =>
          Math.max(0, ...[...taken].filter(([, u]) => u === use).map(([a]) => address(a).value));
        const lowestDevice = Math.min(Infinity, ...[...taken].filter(([, u]) => u === 'device').map(([a]) => address(a).value));
        assert.ok(highest('connector') < lowestDevice);
      }),
    );
  });
});

describe('checkFixedAddress', () => {
  const table: [string, string, RegExp | true][] = [
    ["Bob's of the tutorial", '100.96.0.13', true],
    ['the gateway', '100.96.0.1', /the gateway's own/],
    ['outside', '10.0.0.1', /10\.0\.0\.1 is outside the tunnel ranges 100\.96\.0\.0\/11/],
    ['the base', '100.96.0.0', /first or last/],
    ['the end', '100.127.255.255', /first or last/],
    ['taken', '100.96.0.100', /100\.96\.0\.100 is taken/],
  ];
  for (const [name, wanted, expected] of table) {
    test(name, () => {
      const result = checkFixedAddress(address(wanted), stock(['100.96.0.0/11'], ['100.96.0.100']));
      if (expected === true) assert.deepEqual(result, { ok: true, value: wanted });
      else assert.match(result.ok ? 'accepted' : result.reason, expected);
    });
  }
});
