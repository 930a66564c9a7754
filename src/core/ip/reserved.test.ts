import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { overlaps, strictPrefix } from './prefix.ts';
import type { PrefixUse } from './reserved.ts';
import { objectionTo, reservedRanges } from './reserved.ts';
import { anyPrefix } from './test-arbitraries.ts';

const refused: [text: string, use: PrefixUse, reason: string][] = [
  [
    '0.0.0.0/0',
    'network-prefix',
    '0.0.0.0/0 is the whole internet: internet access through a network is a setting of that network (egress), not a route',
  ],
  ['0.0.0.0/0', 'tunnel-range', '0.0.0.0/0 is the whole internet: use a private prefix, such as 100.96.0.0/11'],
  [
    '::/0',
    'network-prefix',
    '::/0 is the whole internet: internet access through a network is a setting of that network (egress), not a route',
  ],
  [
    '2000::/3',
    'network-prefix',
    '2000::/3 is the whole internet: internet access through a network is a setting of that network (egress), not a route',
  ],
  ['0.0.0.0/1', 'network-prefix', '0.0.0.0/1 covers 0.0.0.0/8, this host on this network (RFC 791)'],
  [
    '128.0.0.0/1',
    'network-prefix',
    "128.0.0.0/1 covers 169.254.0.0/16, link-local, never forwarded; also the clouds' metadata service (RFC 3927)",
  ],
  ['127.0.0.0/8', 'network-prefix', '127.0.0.0/8 is loopback (RFC 1122)'],
  ['127.0.0.53/32', 'network-prefix', '127.0.0.53/32 lies in 127.0.0.0/8, loopback (RFC 1122)'],
  [
    '169.254.169.254/32',
    'tunnel-range',
    "169.254.169.254/32 lies in 169.254.0.0/16, link-local, never forwarded; also the clouds' metadata service (RFC 3927)",
  ],
  ['239.1.0.0/16', 'tunnel-range', '239.1.0.0/16 lies in 224.0.0.0/4, multicast (RFC 5771)'],
  ['255.255.255.255/32', 'network-prefix', '255.255.255.255/32 is limited broadcast (RFC 919)'],
  ['250.0.0.0/8', 'network-prefix', '250.0.0.0/8 lies in 240.0.0.0/4, reserved for future use (RFC 1112)'],
  ['::/128', 'network-prefix', '::/128 is the unspecified address (RFC 4291)'],
  ['::1/128', 'network-prefix', '::1/128 is loopback (RFC 4291)'],
  [
    '::ffff:10.0.0.0/104',
    'network-prefix',
    '::ffff:10.0.0.0/104 lies in ::ffff:0.0.0.0/96, IPv4-mapped addresses, which never appear on a wire (RFC 4291)',
  ],
  ['fe80::/64', 'tunnel-range', 'fe80::/64 lies in fe80::/10, link-local, never forwarded (RFC 4291)'],
  ['ff02::1/128', 'network-prefix', 'ff02::1/128 lies in ff00::/8, multicast (RFC 4291)'],
];

describe('objectionTo', () => {
  for (const [text, use, reason] of refused) {
    test(`${text} as ${use}`, () => assert.equal(objectionTo(strictPrefix(text), use)?.reason, reason));
  }

  const usable = [
    '10.0.0.0/18',
    '100.96.0.0/11',
    '100.64.0.0/10',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '107.3.152.27/32',
    '198.18.0.0/15',
    '203.0.113.0/24',
    '223.255.255.0/24',
    '1.0.0.0/8',
    '126.0.0.0/8',
    'fd00::/8',
    '2001:db8::/32',
    '64:ff9b::/96',
  ];
  for (const text of usable) {
    test(`${text} may be used`, () => {
      assert.equal(objectionTo(strictPrefix(text), 'network-prefix'), undefined);
      assert.equal(objectionTo(strictPrefix(text), 'tunnel-range'), undefined);
    });
  }

  test('objects to exactly what touches a reserved range or is the whole internet', () => {
    const internet = strictPrefix('2000::/3');
    fc.assert(
      fc.property(anyPrefix, fc.constantFrom<PrefixUse>('network-prefix', 'tunnel-range'), (prefix, use) => {
        const touched = reservedRanges.some((reserved) => overlaps(reserved.prefix, prefix));
        const whole = overlaps(prefix, internet) && prefix.length <= internet.length;
        const objection = objectionTo(prefix, use);
        assert.equal(objection !== undefined, touched || whole);
        if (objection?.conflict !== undefined) assert(overlaps(strictPrefix(objection.conflict), prefix));
      }),
    );
  });

  test('a range inside another comes before it, so that the more exact reason is given', () => {
    for (const [index, { prefix }] of reservedRanges.entries()) {
      for (const { prefix: later } of reservedRanges.slice(index + 1)) {
        if (overlaps(prefix, later)) assert(later.length < prefix.length);
      }
    }
  });
});
