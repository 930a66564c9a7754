import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AddressText } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import type { Network } from '../model.ts';
import { checkFlow } from './check-flow.ts';
import type { FindingCode } from './finding-code.ts';
import type { TraceInput } from './input.ts';
import { probePlan } from './probe-plan.ts';
import type { ProbeAnswer, ProbeKind, ProbeResult } from './probe.ts';
import { stepsOf } from './result.ts';
import type { TutorialPlan } from './testing/tutorial-wpc.ts';
import { financeServer, flow, hqRouter, probe, router, routesTo, tutorialInput } from './testing/tutorial-wpc.ts';
import type { Direction, NodeKind, Verdict } from './words.ts';

/** Flows from a computer of HQ to Branch's finance server: what `site` probes settle (decision 85). */

const computer = '10.0.0.13' as AddressText;
const branchRouter = '192.168.0.1' as AddressText;
const toBranch = flow(computer, financeServer);
const bare = tutorialInput();

function byBranch(kind: ProbeKind, target: AddressText, answer: ProbeAnswer, port: number | null = null): ProbeResult {
  return { ...probe(bare, kind, target, answer, port), connector: bare.model.connectors[1]?.id ?? assert.fail('there are two') };
}

/** HQ's router is asked by Branch, and Branch's by HQ; each router answers its own connector. */
const hq = { knows: byBranch('site', hqRouter, 'answered'), silent: byBranch('site', hqRouter, 'silent') };
const branch = {
  knows: probe(bare, 'site', branchRouter, 'answered', null),
  silent: probe(bare, 'site', branchRouter, 'silent', null),
};
const controls = [probe(bare, 'lan', hqRouter, 'answered', null), byBranch('lan', branchRouter, 'answered')];
const server = byBranch('lan', financeServer, 'answered', 443);
const all = 'net/ipv4/conf/all';
const forwardingOff = {
  'net/ipv4/ip_forward': 0,
  [`${all}/forwarding`]: 0,
  'net/ipv4/conf/lan0/forwarding': 0,
  'net/ipv4/conf/causeway0/forwarding': 0,
};
const stated = {
  hq: router({ routes: routesTo('10.0.0.10', '192.168.0.0/22') }),
  branch: router({ routes: routesTo('192.168.0.10', '100.96.0.0/11', '10.0.0.0/18') }),
};

type Case = {
  readonly name: string;
  readonly plan: TutorialPlan;
  readonly verdict: Verdict;
  readonly first?: readonly [FindingCode, NodeKind, Direction];
};

const cases: readonly Case[] = [
  {
    name: 'nobody has said anything',
    plan: {},
    verdict: 'unknown',
    first: ['RTR-NO-ROUTE', 'router', 'forward'],
  },
  { name: 'both routers are seen to know', plan: { probes: [server, ...controls, hq.knows, branch.knows] }, verdict: 'works' },
  {
    name: "HQ's router is silent to Branch",
    plan: { probes: [server, ...controls, hq.silent, branch.knows] },
    verdict: 'broken',
    first: ['RTR-NO-ROUTE', 'router', 'forward'],
  },
  {
    name: "Branch's router is silent to HQ",
    plan: { probes: [server, ...controls, hq.knows, branch.silent] },
    verdict: 'broken-return',
    first: ['RTR-NO-ROUTE', 'router', 'reverse'],
  },
  {
    name: "Branch's router is silent to HQ, and was said to know the tunnel range",
    plan: {
      probes: [server, ...controls, hq.knows, branch.silent],
      routers: { branch: router({ routes: routesTo('192.168.0.10', '100.96.0.0/11') }) },
    },
    verdict: 'broken-return',
    first: ['SITE-ROUTE-ONE-WAY', 'router', 'reverse'],
  },
  {
    name: 'a route was stated and is not there',
    plan: { probes: [server, ...controls, hq.silent, branch.knows], routers: stated },
    verdict: 'broken',
    first: ['RTR-NO-ROUTE', 'router', 'forward'],
  },
  {
    name: 'a route was not stated and is there',
    plan: { probes: [server, ...controls, hq.knows, branch.knows], routers: { hq: router({ routes: [] }) } },
    verdict: 'works',
  },
  {
    name: "HQ's router answers nobody's pings",
    plan: { probes: [server, hq.silent, branch.knows, probe(bare, 'lan', hqRouter, 'silent', null)] },
    verdict: 'unknown',
    first: ['RTR-NO-ROUTE', 'router', 'forward'],
  },
  {
    name: "HQ's connector does not forward, which is no fault of the router that is silent for it",
    plan: {
      hq: { sysctls: forwardingOff },
      probes: [server, ...controls, hq.silent, branch.knows],
      routers: stated,
    },
    verdict: 'broken',
    first: ['FWD-OFF', 'connector', 'forward'],
  },
];

describe('a flow from site to site', () => {
  for (const { name, plan, verdict, first } of cases) {
    test(name, () => {
      const { findings, summary, ...check } = checkFlow(tutorialInput(plan), toBranch);
      assert.equal(check.verdict, verdict, summary);
      const [finding] = findings;
      const found = finding === undefined ? undefined : [finding.code, finding.hop?.kind, finding.direction];
      assert.deepEqual(found, first === undefined ? undefined : [...first], summary);
    });
  }

  test('carries the words of the probes, also against a statement', () => {
    const routerSteps = (plan: TutorialPlan) =>
      [...stepsOf(checkFlow(tutorialInput(plan), toBranch))]
        .filter(({ node, step }) => node.kind === 'router' && step.stage === 'route')
        .map(({ step }) => [step.evidence, step.quote, /although the route was stated/.test(step.detail)]);
    assert.deepEqual(routerSteps({ probes: [server, ...controls, hq.knows, branch.knows] }), [
      ['probed', 'site 10.0.0.1: answered', false],
      ['probed', 'site 192.168.0.1: answered', false],
    ]);
    assert.deepEqual(routerSteps({ probes: [server, ...controls, hq.silent], routers: stated }), [
      ['probed', 'site 10.0.0.1: silent', true],
    ]);
  });
});

describe('probePlan between sites', () => {
  const planned = (plan: TutorialPlan, asked = toBranch, input: TraceInput = tutorialInput(plan)) =>
    probePlan(input, checkFlow(input, asked), asked).map(({ connector, questions }) => [
      input.model.connectors.findIndex(({ id }) => id === connector) === 0 ? 'HQ' : 'Branch',
      ...questions.map(({ kind, target, port }) => `${kind} ${target}${port === null ? '' : `:${String(port)}`}`),
    ]);
  const everything = [
    ['Branch', `lan ${financeServer}:443`, `site ${hqRouter}`, `lan ${branchRouter}`],
    ['HQ', `lan ${hqRouter}`, `site ${branchRouter}`],
  ];

  test('asks everything that is open at once, and nothing twice', () => {
    assert.deepEqual(planned({}), everything);
    assert.deepEqual(planned({ nat: 'routed' }), everything);
    for (const there of [hq.knows, hq.silent]) {
      for (const back of [branch.knows, branch.silent])
        assert.deepEqual(planned({ probes: [server, ...controls, there, back] }), []);
    }
    assert.deepEqual(planned({ probes: [server, ...controls, byBranch('site', hqRouter, 'not-possible'), branch.knows] }), []);
  });

  test('does not ask what was stated', () => {
    assert.deepEqual(planned({ routers: stated }), [['Branch', `lan ${financeServer}:443`]]);
    assert.deepEqual(planned({ routers: stated, probes: [server] }), []);
    assert.deepEqual(planned({ routers: { hq: stated.hq }, probes: [server] }), [
      ['Branch', `lan ${branchRouter}`],
      ['HQ', `site ${branchRouter}`],
    ]);
    assert.deepEqual(planned({ routers: { hq: router({ routes: [] }) } }), [], 'the answer is no');
  });

  test('asks nobody where a connector is away, and no router that is not on the way', () => {
    for (const { id } of bare.model.connectors) assert.deepEqual(planned({ away: [`connector:${id}`] }), []);
    const connectors = flow('10.0.0.10' as AddressText, '192.168.0.10' as AddressText);
    assert.deepEqual(planned({}, connectors), []);
  });

  test('does not ask where the answer would be about another prefix, or the router is outside its network', () => {
    const changed = (change: (networks: readonly Network[]) => readonly Network[]): TutorialPlan => ({
      model: (model) => ({ ...model, networks: [...change(model.networks)] }),
    });
    const another = changed((networks) =>
      networks.map((network, index) =>
        index === 1 ? { ...network, prefixes: [...network.prefixes, '172.16.0.0/16' as PrefixText] } : network,
      ),
    );
    const input = tutorialInput(another);
    const elsewhere = flow(computer, '172.16.0.20' as AddressText);
    assert.deepEqual(planned({}, elsewhere, input), [
      ['Branch', 'lan 172.16.0.20:443', `lan ${branchRouter}`],
      ['HQ', `site ${branchRouter}`],
    ]);
    assert.deepEqual(planned({ hq: { router: '10.255.0.1' } }), [
      ['Branch', `lan ${financeServer}:443`, `lan ${branchRouter}`],
      ['HQ', `site ${branchRouter}`],
    ]);
  });
});
