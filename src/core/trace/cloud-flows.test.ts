import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AddressText } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import type { Network } from '../model.ts';
import { checkFlow } from './check-flow.ts';
import type { CloudState } from './cloud/cloud-state.ts';
import { cloud } from './cloud/test-clouds.ts';
import type { FindingCode } from './finding-code.ts';
import type { FlowCheck } from './result.ts';
import { bob, flow, tutorialInput } from './testing/tutorial-wpc.ts';
import type { Direction, NodeKind, Verdict } from './words.ts';

const server = '10.0.1.20' as AddressText;

type Case = {
  readonly name: string;
  readonly state: CloudState;
  readonly verdict: Verdict;
  readonly first?: readonly [FindingCode, NodeKind, Direction];
};

const withoutForwarding = (state: CloudState): Partial<CloudState> => ({
  cards: state.cards.map((card) => ({ ...card, forwards: false })),
});
const withoutRoutes = ({ tables }: CloudState): Partial<CloudState> => ({
  tables: (tables ?? []).map((table) => ({
    ...table,
    routes: table.routes.filter(({ destination }) => destination !== '100.96.0.0/11'),
  })),
});
const unread = (): Partial<CloudState> => ({ tables: null });

const cases: readonly Case[] = [
  { name: 'AWS, set up for routed mode', state: cloud('aws'), verdict: 'works' },
  { name: 'Azure, set up for routed mode', state: cloud('azure'), verdict: 'works' },
  {
    name: 'AWS, source/destination check on',
    state: cloud('aws', withoutForwarding),
    verdict: 'broken',
    first: ['SDC-ON', 'connector', 'forward'],
  },
  {
    name: 'AWS, no route',
    state: cloud('aws', withoutRoutes),
    verdict: 'broken-return',
    first: ['VPC-NO-ROUTE', 'cloud-router', 'reverse'],
  },
  { name: 'AWS, tables not read', state: cloud('aws', unread), verdict: 'unknown' },
];

describe('a network in a cloud whose state was read', () => {
  for (const { name, state, verdict, first } of cases) {
    test(name, () => {
      const check = traced(state);
      assert.equal(check.verdict, verdict, check.summary);
      const [finding] = check.findings;
      if (first !== undefined) assert.deepEqual([finding?.code, finding?.hop?.kind, finding?.direction], [...first]);
      else if (verdict === 'works') assert.equal(finding, undefined);
    });
  }

  test('is told at the machines where it happens: card of the connector, cloud, card of the server', () => {
    const check = traced(cloud('aws'));
    assert.deepEqual(
      check.forward.hops.map(({ node }) => node.kind),
      ['device', 'gateway', 'connector', 'cloud-router', 'host'],
    );
    assert.deepEqual(
      check.reverse?.hops.map(({ node }) => node.kind),
      ['host', 'cloud-router', 'connector', 'gateway', 'device'],
    );
  });
});

function traced(state: CloudState): FlowCheck {
  const base = tutorialInput({
    nat: 'routed',
    // The VPC's router is the first address of each subnet; the connector has none of the LAN on its own segment but its subnet.
    hq: { lanAddress: '10.0.0.10/24', lanSubnet: '10.0.0.0/24' },
    model: (model) => ({
      ...model,
      networks: model.networks.map(
        (network, index): Network => (index === 0 ? { ...network, prefixes: ['10.0.0.0/16' as PrefixText] } : network),
      ),
    }),
  });
  const network = base.model.networks[0];
  if (network === undefined) throw new Error('the tutorial has networks');
  const input = { ...base, observed: { ...base.observed, clouds: new Map([[network.id, state]]) } };
  return checkFlow(input, flow(bob, server));
}
