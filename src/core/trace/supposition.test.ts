import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assignEgressClasses, egressClassKey } from '../egress-classes.ts';
import type { AddressText } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import type { Network, WpcModel } from '../model.ts';
import { checkFlow } from './check-flow.ts';
import type { FindingCode } from './finding-code.ts';
import type { FlowQuestion } from './flow-packet.ts';
import type { Supposition } from './supposition.ts';
import { supposing, suppositions, suppositionsFor } from './supposition.ts';
import type { TutorialPlan } from './testing/tutorial-wpc.ts';
import { bob, financeServer, flow, hrServer, router, routesTo, tutorialInput } from './testing/tutorial-wpc.ts';
import type { Direction, NodeKind } from './words.ts';

const internetService = '107.3.152.27' as AddressText;
const off = { mode: 'SPLIT_TUNNEL_OFF', gateways: [], bypass: [] } as const;
const byHq = (model: WpcModel): WpcModel => ({
  ...model,
  userGroups: model.userGroups.map((group) => ({ ...group, internet: off })),
  networks: model.networks.map((network, index): Network => ({ ...network, egress: index === 0 })),
  egressClassNumbers: assignEgressClasses({}, [egressClassKey(off) ?? '']),
});
const knowing = {
  hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11', '192.168.0.0/22'), natSources: ['10.0.0.0/18' as PrefixText] }),
  branch: router({ routes: routesTo('192.168.0.10', '100.96.0.0/11', '10.0.0.0/18') }),
};

type Flow = { readonly plan: TutorialPlan; readonly question: FlowQuestion };
const flows = {
  'remote access with NAT': { plan: {}, question: flow(bob, hrServer) },
  'remote access without NAT': { plan: { nat: 'routed', routers: knowing }, question: flow(bob, hrServer) },
  'the internet': { plan: { model: byHq }, question: flow(bob, internetService) },
  'site to site': {
    plan: { routers: { ...knowing, hq: router({ routes: routesTo('10.0.0.10', '192.168.0.0/22') }) } },
    question: flow('10.0.0.13' as AddressText, financeServer),
  },
} as const satisfies Record<string, Flow>;

/** Where the tutorial says that the packet ends: code, machine, direction, and a step of the tutorial that stands there. */
type End = readonly [FindingCode, NodeKind, Direction, string];

const ends: Readonly<Record<keyof typeof flows, Partial<Record<Supposition, End>>>> = {
  'remote access with NAT': {
    'forwarding-off': ['FWD-OFF', 'connector', 'forward', 'RA-11'],
    'no-nat': ['NAT-OFF-NO-ROUTE', 'router', 'reverse', 'RA-15'],
  },
  'remote access without NAT': {
    'forwarding-off': ['FWD-OFF', 'connector', 'forward', 'RA-11'],
    'no-route-back': ['NAT-OFF-NO-ROUTE', 'router', 'reverse', 'RA-15'],
  },
  'the internet': {
    'forwarding-off': ['FWD-OFF', 'connector', 'forward', 'IG-7'],
    'no-nat': ['NAT-OFF-NO-ROUTE', 'router', 'reverse', 'IG-12'],
    'edge-hides-own-lan': ['NAT-EDGE-SCOPE', 'router', 'forward', 'IG-10'],
    'no-internet-gateway': ['IG-NOT-SET', 'gateway', 'forward', 'IG-6'],
  },
  'site to site': {
    'forwarding-off': ['FWD-OFF', 'connector', 'forward', 'SS-23'],
    'no-route': ['RTR-NO-ROUTE', 'router', 'forward', 'SS-18'],
    'no-route-back': ['SITE-ROUTE-ONE-WAY', 'router', 'reverse', 'SS-25'],
  },
};

for (const [name, { plan, question }] of Object.entries(flows)) {
  describe(name, () => {
    const input = tutorialInput(plan);
    const asItIs = checkFlow(input, question);
    const expected = ends[name as keyof typeof flows];

    test('works as it is, and offers what matters to it', () => {
      assert.equal(asItIs.verdict, 'works', asItIs.summary);
      assert.deepEqual(suppositionsFor(asItIs).toSorted(), Object.keys(expected).toSorted());
    });

    for (const [wanted, [code, kind, direction, step]] of Object.entries(expected)) {
      test(`${suppositions[wanted as Supposition]}: ends at ${step}`, () => {
        const before = JSON.stringify(checkFlow(input, question));
        const supposed = supposing(input, asItIs, wanted as Supposition);
        assert.ok(supposed !== undefined);
        const { findings, forward, reverse } = checkFlow(supposed, question);
        const trace = reverse ?? forward;
        assert.equal(trace.ending, 'dropped');
        const hop = trace.hops.at(-1);
        assert.deepEqual(
          [findings[0]?.code, hop?.node.kind, reverse === null ? 'forward' : 'reverse', hop?.tutorial.includes(step)],
          [code, kind, direction, true],
        );
        assert.equal(JSON.stringify(checkFlow(input, question)), before, 'the input was changed');
      });
    }
  });
}

describe('suppositions', () => {
  test('a flow that ends already, or meets no machine behind a connector, has none', () => {
    const broken = checkFlow(tutorialInput({ nat: 'routed', routers: { hq: router({ routes: [] }) } }), flow(bob, hrServer));
    assert.deepEqual(suppositionsFor(broken), []);
    const direct = checkFlow(tutorialInput(), flow(bob, '100.96.16.2' as AddressText, 'icmp'));
    assert.deepEqual([direct.verdict, suppositionsFor(direct)], ['works', []]);
  });

  test('nothing is supposed of a machine that has reported nothing', () => {
    const asItIs = checkFlow(tutorialInput(), flow(bob, hrServer));
    assert.equal(supposing(tutorialInput({ hq: null }), asItIs, 'forwarding-off'), undefined);
  });
});
