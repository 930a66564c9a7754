/** Generators for the property tests of this directory. */
import fc from 'fast-check';
import { address4 } from '../../ip/address.ts';
import type { Prefix4 } from '../../ip/prefix.ts';
import { formatPrefix, prefixOf } from '../../ip/prefix.ts';
import type { FilterRule, Route } from './cloud-state.ts';
import { prefix, rule } from './test-clouds.ts';

/** Prefixes around a few addresses, so that many contain the one that is asked for. */
export const anyPrefix: fc.Arbitrary<Prefix4> = fc
  .tuple(fc.constantFrom(0x6460_000d, 0x0a00_000a, 0x0a00_0114, 0xc0a8_0001), fc.integer({ min: 0, max: 32 }))
  .map(([value, length]) => prefixOf(address4(value), length));
export const anyPrefixText = anyPrefix.map(formatPrefix);

const anyRule: fc.Arbitrary<FilterRule> = fc
  .record({
    direction: fc.constantFrom('in', 'out'),
    action: fc.constantFrom('allow', 'deny'),
    order: fc.integer({ min: 1, max: 6 }),
    protocol: fc.constantFrom('any', 'tcp', 'udp', 'icmp'),
    peers: fc.array(anyPrefixText.map(prefix), { minLength: 1, maxLength: 3 }),
    ports: fc.option(fc.constantFrom([{ from: 443, to: 443 }], [{ from: 1024, to: 65_535 }], [{ from: 22, to: 22 }])),
  })
  .map((fields) => rule(JSON.stringify(fields), fields));
export const anyRules = fc.array(anyRule, { maxLength: 8 });

/** uniqueOrders keeps of each order one rule of each direction, as clouds demand it where order counts. */
export function uniqueOrders(rules: readonly FilterRule[]): readonly FilterRule[] {
  return [...new Map(rules.map((each) => [`${each.direction} ${String(each.order)}`, each])).values()];
}

export const anyTarget: fc.Arbitrary<Route['target']> = fc.constantFrom<Route['target']>(
  { kind: 'internet', name: 'igw-1' },
  { kind: 'elsewhere', name: 'tgw-1' },
  { kind: 'nowhere' },
  { kind: 'card', name: 'hq-connector' },
);
