import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectorId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import type { Connector } from '../model.ts';
import { checkFlow } from './check-flow.ts';
import type { ObservedMachine } from './input.ts';
import { connectorSections } from './testing/connector-sections.ts';
import { bob, flow, hqMachine, tutorialInput } from './testing/tutorial-wpc.ts';

const beyond = { destination: '10.0.60.0/24', server: '10.0.60.20' as AddressText };

test('two connectors that send a prefix to each other end the walk as a loop, and it names who sent the packet back', () => {
  const input = tutorialInput({ nat: 'routed' });
  const [first] = input.model.connectors;
  assert.ok(first);
  const second: Connector = { ...first, id: 'second' as ConnectorId, name: 'hq-2', address: '100.96.0.102' as AddressText };
  const check = checkFlow(
    {
      ...input,
      model: { ...input.model, connectors: [...input.model.connectors, second] },
      observed: {
        ...input.observed,
        machines: new Map([
          [first.id, machine('10.0.0.10', '100.96.0.100', '10.0.0.11')],
          [second.id, machine('10.0.0.11', '100.96.0.102', '10.0.0.10')],
        ]),
      },
    },
    flow(bob, beyond.server),
  );
  const said = JSON.stringify(check.forward.hops.map(({ node, steps }) => [node.label, steps.at(-1)?.detail]));
  assert.equal(check.forward.ending, 'loop', said);
  assert.equal(check.verdict, 'broken', said);
  assert.equal(check.reverse, null);
  assert.match(check.forward.hops.at(-1)?.steps.at(-1)?.detail ?? '', /was here before: hq-0 has sent it back/, said);
});

function machine(lan: string, tunnelAddress: string, nextHop: string): ObservedMachine {
  const plan = { ...hqMachine('routed'), tunnelAddress, lanAddress: `${lan}/18` };
  const body = connectorSections(plan).sections.get('route')?.body ?? '[]';
  const routes: unknown = JSON.parse(body);
  assert.ok(Array.isArray(routes));
  const wrong = { dst: beyond.destination, gateway: nextHop, dev: 'lan0', flags: [] };
  const peer = { dst: nextHop, dev: 'lan0', lladdr: 'f6:c5:6d:3e:6f:72', state: ['REACHABLE'] };
  const router = { dst: plan.router, dev: 'lan0', lladdr: 'f6:c5:6d:3e:6f:71', state: ['REACHABLE'] };
  return connectorSections({
    ...plan,
    neighbours: [router, peer],
    moreSections: { route: JSON.stringify([...routes, wrong]) },
  });
}
