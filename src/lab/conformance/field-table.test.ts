import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FindingCode } from '../../core/trace/finding-code.ts';
import type { Direction, NodeKind } from '../../core/trace/words.ts';
import { conformanceFaults } from './catalogue.ts';

/**
 * What an operator is told today was measured with a well-known peer, fault by fault; in most it was nothing. Each of them is in our pack, with
 * the machine and the direction that have to be named; those that cannot be here say why.
 */
const faults: Readonly<Record<string, readonly [fault: string, FindingCode, NodeKind, Direction] | string>> = {
  'forwarding off on the connector': ['FWD-OFF', 'FWD-OFF', 'connector', 'forward'],
  'no NAT and no return route': ['NAT-OFF-NO-ROUTE', 'NAT-OFF-NO-ROUTE', 'router', 'reverse'],
  'FORWARD drop in another table': ['HFW-FORWARD-DROP', 'HFW-FORWARD-DROP', 'connector', 'forward'],
  "the server's own firewall drops": ['SRV-FIREWALL', 'SRV-FIREWALL', 'host', 'forward'],
  'server absent': ['NEIGH-FAIL', 'NEIGH-FAIL', 'connector', 'forward'],
  'policy lacks the subnet': ['CLI-NO-ROUTE-NO-NETWORK', 'CLI-NO-ROUTE', 'device', 'forward'],
  'policy has the wrong port': 'there are no rules by port yet: the WPC is a full mesh',
  'two sites overlap': 'the API refuses prefixes that overlap, with the name of the other network',
  'MTU black hole': ['MTU-BLACKHOLE', 'MTU-BLACKHOLE', 'router', 'forward'],
  'route not approved': 'routes need no approval: a prefix of a network is routed from the moment it is added',
  'client does not accept routes': ['CLI-NO-ROUTE', 'CLI-NO-ROUTE', 'device', 'forward'],
};

for (const [name, expected] of Object.entries(faults)) {
  test(`${name}: ${typeof expected === 'string' ? expected : expected[0]}`, () => {
    if (typeof expected === 'string') return assert.ok(expected.length > 20);
    const [fault, code, hop, direction] = expected;
    const found = conformanceFaults.get(fault);
    assert.equal(found?.code, code);
    assert.equal(found.expect.hop, hop);
    assert.ok(found.expect.directions.includes(direction));
  });
}
