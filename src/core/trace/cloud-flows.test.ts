import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AddressText } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import type { NatMode, Network } from '../model.ts';
import { checkFlow } from './check-flow.ts';
import type { CloudState } from './cloud/cloud-state.ts';
import { cloud } from './cloud/test-clouds.ts';
import type { FindingCode } from './finding-code.ts';
import type { FlowQuestion } from './flow-packet.ts';
import type { ProbeResult } from './probe.ts';
import type { FlowCheck } from './result.ts';
import { stepsOf } from './result.ts';
import { bob, flow, probe, tutorialInput } from './testing/tutorial-wpc.ts';
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

describe('a question of the connector that crossed the cloud and was answered', () => {
  const bare = tutorialInput();
  const lan = probe(bare, 'lan', server, 'answered');
  const overlay = probe(bare, 'overlay', server, 'answered');
  const nothingRead = cloud('aws', (state) => ({
    tables: null,
    filters: null,
    subnets: [],
    cards: state.cards.map((card) => ({ ...card, forwards: null, filters: null })),
  }));

  test('settles what was not read, with NAT and without', () => {
    assert.equal(traced(nothingRead, { nat: 'masquerade' }).verdict, 'unknown');
    assert.equal(traced(nothingRead, { nat: 'masquerade', probes: [lan] }).verdict, 'works');
    assert.equal(traced(nothingRead, { probes: [lan] }).verdict, 'unknown', 'the LAN address says nothing of tunnel addresses');
    assert.equal(traced(nothingRead, { probes: [lan, overlay] }).verdict, 'works');
  });

  test('refutes what was read, and says so', () => {
    const check = traced(cloud('aws', withoutForwarding), { probes: [lan, overlay] });
    assert.equal(check.verdict, 'works', check.summary);
    const refuted = [...stepsOf(check)].filter(({ step }) => step.detail.includes('read the cloud again'));
    assert.deepEqual(
      refuted.map(({ node, direction, step }) => [node.kind, direction, step.evidence]),
      [['connector', 'forward', 'probed']],
    );
  });

  test('refutes no rule and no route, which may be for fewer addresses than the question came from', () => {
    const [finding] = traced(cloud('aws', withoutRoutes), { probes: [lan, overlay] }).findings;
    assert.equal(finding?.code, 'VPC-NO-ROUTE');
  });

  test('says nothing of what the server begins', () => {
    assert.equal(traced(nothingRead, { probes: [lan, overlay], asked: flow(server, bob) }).verdict, 'unknown');
  });

  test('changes nothing where all was read and agrees', () => {
    const steps = (check: FlowCheck) => [...stepsOf(check)].filter(({ node }) => node.kind === 'cloud-router');
    const probes = [lan, overlay];
    assert.deepEqual(steps(traced(cloud('aws'), { probes })), steps(traced(cloud('aws'))));
  });
});

type Asked = { readonly nat?: NatMode; readonly probes?: readonly ProbeResult[]; readonly asked?: FlowQuestion };

function traced(state: CloudState, { nat = 'routed', probes = [], asked = flow(bob, server) }: Asked = {}): FlowCheck {
  const base = tutorialInput({
    nat,
    probes,
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
  return checkFlow(input, asked);
}
