import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AddressText } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import type { Network, WpcModel } from '../model.ts';
import { assignEgressClasses, egressClassKey } from '../egress-classes.ts';
import { checkFlow } from './check-flow.ts';
import type { FindingCode } from './finding-code.ts';
import type { FlowQuestion } from './flow-packet.ts';
import type { TraceInput } from './input.ts';
import { probePlan } from './probe-plan.ts';
import type { FlowCheck } from './result.ts';
import { stepsOf } from './result.ts';
import type { TutorialPlan } from './testing/tutorial-wpc.ts';
import { observedAt } from './testing/connector-sections.ts';
import { bob, financeServer, flow, hqRouter, hrServer, probe, router, routesTo, tutorialInput } from './testing/tutorial-wpc.ts';
import type { Direction, NodeKind, Verdict } from './words.ts';

type Case = {
  readonly name: string;
  readonly plan?: TutorialPlan;
  /** Bob to the HR server over HTTPS where it is not said. */
  readonly flow?: FlowQuestion;
  readonly verdict: Verdict;
  /** What is blamed first, and where it is; absent: no finding at all. */
  readonly first?: readonly [FindingCode, NodeKind, Direction];
};

const computer = '10.0.0.13' as AddressText;
const internetService = '107.3.152.27' as AddressText;
const all = 'net/ipv4/conf/all';
const forwardingOff = {
  'net/ipv4/ip_forward': 0,
  [`${all}/forwarding`]: 0,
  'net/ipv4/conf/lan0/forwarding': 0,
  'net/ipv4/conf/causeway0/forwarding': 0,
};
const bare = tutorialInput();
const answers = { lan: probe(bare, 'lan', hrServer, 'answered'), overlay: probe(bare, 'overlay', hrServer, 'answered') };
const silent = probe(bare, 'overlay', hrServer, 'silent');
const routerOf = {
  knows: probe(bare, 'overlay', hqRouter, 'answered', null),
  doesNotKnow: probe(bare, 'overlay', hqRouter, 'silent', null),
  isThere: probe(bare, 'lan', hqRouter, 'answered', null),
};
const dropping = (chain: string, table: string) => [
  { table: { family: 'ip', name: table } },
  { chain: { family: 'ip', table, name: chain, type: 'filter', hook: 'forward', prio: 0, policy: 'drop' } },
];

/** All split tunnel off, or restricted, with HQ as internet gateway or without one. */
function internetBy(mode: 'SPLIT_TUNNEL_OFF' | 'RESTRICTED_INTERNET', egress: boolean): (model: WpcModel) => WpcModel {
  const internet = mode === 'SPLIT_TUNNEL_OFF' ? ({ mode, gateways: [], bypass: [] } as const) : ({ mode, bypass: [] } as const);
  return (model) => ({
    ...model,
    userGroups: model.userGroups.map((group) => ({ ...group, internet })),
    networks: model.networks.map((network, index): Network => ({ ...network, egress: egress && index === 0 })),
    egressClassNumbers: assignEgressClasses({}, [egressClassKey(internet) ?? '']),
  });
}

const cases: readonly Case[] = [
  { name: 'remote access with NAT', verdict: 'works' },
  { name: 'the same, probed', plan: { probes: [answers.lan] }, verdict: 'works' },
  { name: 'by ping', flow: flow(bob, hrServer, 'icmp'), verdict: 'works' },
  { name: 'by UDP', flow: flow(bob, hrServer, 'udp', 53), verdict: 'works' },
  { name: 'the device is off', plan: { away: bobAway() }, verdict: 'broken', first: ['CLI-OFFLINE', 'device', 'forward'] },
  { name: 'the connector is off', plan: { away: hqAway() }, verdict: 'broken', first: ['CON-OFFLINE', 'connector', 'forward'] },
  {
    name: 'the user is suspended',
    plan: { away: bobAway(), model: (model) => ({ ...model, users: model.users.map((user) => ({ ...user, suspended: true })) }) },
    verdict: 'not-permitted',
    first: ['POL-DENY', 'device', 'forward'],
  },
  {
    name: 'a private address that is in no network',
    flow: flow(bob, '10.99.0.5' as AddressText),
    verdict: 'broken',
    first: ['CLI-NO-ROUTE', 'device', 'forward'],
  },
  {
    name: 'a tunnel address that nobody has',
    flow: flow(bob, '100.96.200.1' as AddressText),
    verdict: 'broken',
    first: ['OVL-NO-NETWORK', 'gateway', 'forward'],
  },
  { name: 'another device', flow: flow(bob, '100.96.16.2' as AddressText, 'icmp'), verdict: 'works' },
  { name: 'the gateway itself', flow: flow(bob, '100.96.0.1' as AddressText, 'icmp'), verdict: 'works' },
  { name: 'the connector itself', flow: flow(bob, '10.0.0.10' as AddressText, 'icmp'), verdict: 'works' },
  {
    name: 'forwarding is off',
    plan: { hq: { sysctls: forwardingOff } },
    verdict: 'broken',
    first: ['FWD-OFF', 'connector', 'forward'],
  },
  {
    name: "forwarding is off on the gateway's machine, and cannot be set from there",
    plan: {
      observed: {
        gateway: { reportedAt: observedAt, problems: [{ code: 'forwarding-off', message: 'net.ipv4.ip_forward is 0' }] },
      },
    },
    verdict: 'broken',
    first: ['FWD-OFF', 'gateway', 'forward'],
  },
  {
    name: 'forwarding is off on the LAN interface alone',
    plan: { hq: { sysctls: { 'net/ipv4/conf/lan0/forwarding': 0 } } },
    verdict: 'broken-return',
    first: ['FWD-IFACE', 'connector', 'reverse'],
  },
  {
    name: 'strict rp_filter, and the way back to the source leaves by the LAN',
    plan: {
      hq: { sysctls: { [`${all}/rp_filter`]: 1, 'net/ipv4/conf/causeway0/rp_filter': 1 }, tunnelRoutes: ['192.168.0.0/22'] },
    },
    verdict: 'broken',
    first: ['RPF-STRICT', 'connector', 'forward'],
  },
  {
    name: 'loose rp_filter, and the answer leaves by the LAN',
    plan: { hq: { tunnelRoutes: ['192.168.0.0/22'] } },
    verdict: 'broken-return',
    first: ['RPF-LOOSE-WRONG-WAY', 'connector', 'reverse'],
  },
  {
    name: 'another table drops what is forwarded',
    plan: { hq: { moreNft: dropping('FORWARD', 'filter') } },
    verdict: 'broken',
    first: ['HFW-FORWARD-DROP', 'connector', 'forward'],
  },
  {
    name: 'iptables-legacy drops what is forwarded',
    plan: { hq: { moreSections: { 'iptables-legacy': '*filter\n:INPUT ACCEPT\n:FORWARD DROP\n:OUTPUT ACCEPT\nCOMMIT\n' } } },
    verdict: 'broken',
    first: ['HFW-LEGACY', 'connector', 'forward'],
  },
  {
    name: 'a flow that began without NAT is still tracked so',
    flow: flow(bob, hrServer, 'icmp'),
    plan: {
      hq: {
        moreSections: {
          conntrack: `icmp 1 29 src=${bob} dst=${hrServer} type=8 code=0 id=7 [UNREPLIED] src=${hrServer} dst=${bob} type=0 code=0 id=7 use=1`,
        },
      },
    },
    verdict: 'intermittent',
    first: ['NAT-STALE-CT', 'connector', 'forward'],
  },
  {
    name: 'the tunnel does not come up for want of a tun',
    plan: { away: hqAway(), hq: { moreSections: { problems: 'no-tun the device causeway0 could not be made' } } },
    verdict: 'broken',
    first: ['TUN-MISSING', 'connector', 'forward'],
  },
  {
    name: 'the tunnel comes up and fails again for want of a tun',
    plan: { hq: { moreSections: { 'tunnel-log': 'ERROR: Cannot open TUN/TAP dev /dev/net/tun: No such file' } } },
    verdict: 'broken',
    first: ['TUN-MISSING', 'connector', 'forward'],
  },
  {
    name: 'the server admits another address of the connector than the one that NAT takes',
    plan: {
      hq: { secondAddress: '10.0.0.11/18' },
      servers: [{ address: hrServer, gateway: null, admits: ['10.0.0.11/32' as PrefixText], runsTailscale: null }],
    },
    verdict: 'broken',
    first: ['NAT-SOURCE-IP', 'connector', 'forward'],
  },
  {
    name: 'the server admits neither',
    plan: { servers: [{ address: hrServer, gateway: null, admits: ['192.168.0.0/22' as PrefixText], runsTailscale: null }] },
    verdict: 'broken',
    first: ['SRV-FIREWALL', 'host', 'forward'],
  },
  {
    name: 'two machines have the address',
    plan: {
      probes: [probe(bare, 'lan', hrServer, 'refused')],
      hq: { moreSections: { 'neighbour-changes': `${hrServer} lan0 02:00:00:00:00:01 02:00:00:00:00:02 1795745724` } },
    },
    verdict: 'intermittent',
    first: ['DUP-IP', 'lan', 'forward'],
  },
  {
    name: 'nobody has the address on the LAN',
    plan: {
      probes: [probe(bare, 'lan', hrServer, 'silent')],
      hq: { neighbours: [{ dst: hrServer, dev: 'lan0', state: ['FAILED'] }] },
    },
    verdict: 'broken',
    first: ['NEIGH-FAIL', 'connector', 'forward'],
  },
  {
    name: "the server's firewall drops",
    plan: {
      probes: [probe(bare, 'lan', hrServer, 'silent')],
      hq: { neighbours: [{ dst: hrServer, dev: 'lan0', lladdr: 'f6:c5:6d:3e:6f:72', state: ['REACHABLE'] }] },
    },
    verdict: 'broken',
    first: ['SRV-FIREWALL', 'host', 'forward'],
  },
  {
    name: 'nobody listens',
    plan: { probes: [probe(bare, 'lan', hrServer, 'refused')] },
    verdict: 'broken-return',
    first: ['SRV-NO-LISTENER', 'host', 'reverse'],
  },
  {
    name: 'too big for the LAN, and not to be cut',
    flow: { ...flow(bob, hrServer, 'icmp'), bytes: 1600, dontFragment: true },
    verdict: 'broken',
    first: ['MTU-BLACKHOLE', 'connector', 'forward'],
  },
  {
    name: 'routed, and nobody has said anything',
    plan: { nat: 'routed' },
    verdict: 'unknown',
    first: ['NAT-OFF-NO-ROUTE', 'router', 'reverse'],
  },
  {
    name: 'routed, and answers come back',
    plan: { nat: 'routed', probes: [answers.lan, answers.overlay, routerOf.knows] },
    verdict: 'works',
  },
  {
    name: 'routed, and the router does not know the way back',
    plan: { nat: 'routed', probes: [answers.lan, silent, routerOf.doesNotKnow, routerOf.isThere] },
    verdict: 'broken-return',
    first: ['NAT-OFF-NO-ROUTE', 'router', 'reverse'],
  },
  {
    name: 'routed, the operator has stated the routes, and this one is not there',
    plan: {
      nat: 'routed',
      probes: [answers.lan, silent, routerOf.doesNotKnow, routerOf.isThere],
      routers: { hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11') }) },
    },
    verdict: 'broken-return',
    first: ['RTR-NO-ROUTE', 'router', 'reverse'],
  },
  {
    name: 'routed as stated',
    plan: { nat: 'routed', routers: { hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11'), stateful: false }) } },
    verdict: 'works',
  },
  {
    name: 'routed by a router that is stated to keep state',
    plan: { nat: 'routed', routers: { hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11'), stateful: true }) } },
    verdict: 'broken-return',
    first: ['RTR-STATEFUL', 'router', 'reverse'],
  },
  {
    name: 'routed by a router that is found to keep state',
    plan: {
      nat: 'routed',
      probes: [answers.lan, silent, routerOf.knows, routerOf.isThere, probe(bare, 'via-router', hrServer, 'answered')],
    },
    verdict: 'broken-return',
    first: ['RTR-STATEFUL', 'router', 'reverse'],
  },
  {
    name: 'routed by a router that keeps state and sends redirects',
    plan: {
      nat: 'routed',
      routers: { hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11'), stateful: true, redirects: true }) },
    },
    verdict: 'intermittent',
    first: ['RTR-REDIRECT', 'router', 'reverse'],
  },
  {
    name: 'routed, and only this server does not answer the WPC',
    plan: {
      nat: 'routed',
      probes: [answers.lan, silent, routerOf.knows, routerOf.isThere, probe(bare, 'via-router', hrServer, 'silent')],
    },
    verdict: 'broken',
    first: ['SRV-FIREWALL', 'host', 'forward'],
  },
  {
    name: 'site to site as stated',
    flow: flow(computer, financeServer),
    plan: {
      routers: {
        hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11', '192.168.0.0/22') }),
        branch: router({ routes: routesTo('192.168.0.10', '100.96.0.0/11', '10.0.0.0/18') }),
      },
    },
    verdict: 'works',
  },
  {
    name: 'site to site, HQ has no route',
    flow: flow(computer, financeServer),
    plan: { routers: { hq: router({ routes: [] }) } },
    verdict: 'broken',
    first: ['RTR-NO-ROUTE', 'router', 'forward'],
  },
  {
    name: "site to site, the tutorial's slip: Branch knows the tunnel range and not HQ (SS-25)",
    flow: flow(computer, financeServer),
    plan: {
      routers: {
        hq: router({ routes: routesTo('10.0.0.10', '192.168.0.0/22') }),
        branch: router({ routes: routesTo('192.168.0.10', '100.96.0.0/11') }),
      },
    },
    verdict: 'broken-return',
    first: ['SITE-ROUTE-ONE-WAY', 'router', 'reverse'],
  },
  { name: 'the internet with split tunnel on', flow: flow(bob, internetService), verdict: 'works' },
  {
    name: 'the internet through HQ',
    flow: flow(bob, internetService),
    plan: { model: internetBy('SPLIT_TUNNEL_OFF', true) },
    verdict: 'works',
  },
  {
    name: 'split tunnel off and no internet gateway',
    flow: flow(bob, internetService),
    plan: { model: internetBy('SPLIT_TUNNEL_OFF', false) },
    verdict: 'broken',
    first: ['IG-NOT-SET', 'gateway', 'forward'],
  },
  {
    name: 'restricted internet access',
    flow: flow(bob, internetService),
    plan: { model: internetBy('RESTRICTED_INTERNET', true) },
    verdict: 'not-permitted',
    first: ['POL-DENY', 'gateway', 'forward'],
  },
  {
    name: 'the internet, routed, and the edge hides its own LAN alone',
    flow: flow(bob, internetService),
    plan: {
      nat: 'routed',
      model: (model) => internetBy('SPLIT_TUNNEL_OFF', true)({ ...model, networks: model.networks }),
      routers: { hq: router({ natSources: ['10.0.0.0/18' as PrefixText], routes: routesTo('10.0.0.10', '100.96.0.0/11') }) },
    },
    verdict: 'broken',
    first: ['NAT-EDGE-SCOPE', 'router', 'forward'],
  },
  {
    name: "the internet, and the connector's own default route leads into the tunnel",
    flow: flow(bob, internetService),
    plan: { model: internetBy('SPLIT_TUNNEL_OFF', true), hq: { tunnelRoutes: ['100.96.0.0/11', '0.0.0.0/1', '128.0.0.0/1'] } },
    verdict: 'broken',
    first: ['EGRESS-LOOP', 'connector', 'forward'],
  },
];

function bobAway(): TutorialPlan['away'] {
  const device = bare.model.devices[0];
  return device === undefined ? [] : [`device:${device.id}`];
}

function hqAway(): TutorialPlan['away'] {
  const connector = bare.model.connectors[0];
  return connector === undefined ? [] : [`connector:${connector.id}`];
}

describe('checkFlow', () => {
  for (const { name, plan, flow: asked, verdict, first } of cases) {
    test(name, () => {
      const check = checkFlow(tutorialInput(plan), asked ?? flow(bob, hrServer));
      assert.equal(check.verdict, verdict, told(check));
      const [finding] = check.findings;
      const found = finding === undefined ? undefined : [finding.code, finding.hop?.kind, finding.direction];
      assert.deepEqual(found, first === undefined ? undefined : [...first], told(check));
    });
  }

  test('is deterministic, and each direction begins with its packet and carries evidence', () => {
    for (const { plan, flow: asked } of cases) {
      const ask = (): FlowCheck => checkFlow(tutorialInput(plan), asked ?? flow(bob, hrServer));
      const check = ask();
      assert.deepEqual(check, ask());
      for (const { step } of stepsOf(check)) {
        assert.equal(
          step.observedAt !== null,
          step.evidence === 'observed' || step.evidence === 'probed',
          `${step.stage} ${step.detail}`,
        );
      }
    }
  });

  test('NAT is put back on the way back, and shown at the connector as its session', () => {
    const check = checkFlow(tutorialInput(), flow(bob, hrServer));
    const changes = [...stepsOf(check)]
      .filter(({ step }) => step.result === 'change')
      .map(({ direction, step }) => [direction, step.packet]);
    assert.deepEqual(changes, [
      ['forward', { source: '10.0.0.10', sourcePort: 49_152, destination: hrServer, destinationPort: 443, protocol: 'tcp' }],
      ['reverse', { source: hrServer, sourcePort: 443, destination: bob, destinationPort: 49_152, protocol: 'tcp' }],
    ]);
    assert.deepEqual(
      check.sessions.map(({ node, reply }) => [node.kind, reply.destination]),
      [['connector', '10.0.0.10']],
    );
  });

  test('without NAT and route it cites the tutorial and offers both ways, and says which is better when', () => {
    const plan: TutorialPlan = { nat: 'routed', probes: [answers.lan, silent, routerOf.doesNotKnow, routerOf.isThere] };
    const check = checkFlow(tutorialInput(plan), flow(bob, hrServer));
    assert.deepEqual(check.reverse?.hops.at(-1)?.tutorial, ['RA-15', 'RA-16']);
    const fixes = check.findings[0]?.fixes ?? [];
    assert.deepEqual(
      fixes.map(({ betterWhen }) => betterWhen !== ''),
      [true, true],
    );
    assert.ok(
      fixes[0]?.commands.some((line) => line.includes('100.96.0.0/11') && line.includes('10.0.0.10')),
      JSON.stringify(fixes[0]),
    );
  });

  test('an agent that reported nothing leaves the machine unknown, and nothing is guessed', () => {
    const check = checkFlow(tutorialInput({ hq: null }), flow(bob, hrServer));
    assert.equal(check.verdict, 'unknown');
    assert.equal(check.confidence, 'open');
  });

  test('sections that are cut, too large or not what they should be make the step unknown', () => {
    for (const body of ['', '[{"ifname":"lan0"', 'too large: 200000 bytes', '{"nftables": 3}', '[]\u0000', '"\u001b[31m"']) {
      for (const section of ['addr', 'route', 'rule', 'sysctl', 'nft']) {
        const check = checkFlow(tutorialInput({ hq: { moreSections: { [section]: body } } }), flow(bob, hrServer));
        assert.ok(check.verdict === 'unknown' || check.verdict === 'works' || check.verdict === 'broken', `${section} ${body}`);
        if (section !== 'nft' && section !== 'addr') assert.notEqual(check.verdict, 'works', `${section}: ${body}`);
      }
    }
  });
});

describe('probePlan', () => {
  const planned = (input: TraceInput, asked = flow(bob, hrServer)) =>
    probePlan(input, checkFlow(input, asked), asked).flatMap(({ questions }) =>
      questions.map(({ kind, target, port }) => `${kind} ${target}${port === null ? '' : `:${String(port)}`}`),
    );

  test('asks the server, and in routed mode for the way back; then by way of the router; then nothing more', () => {
    assert.deepEqual(planned(tutorialInput()), [`lan ${hrServer}:443`]);
    const way = [`lan ${hrServer}:443`, `overlay ${hrServer}:443`, `overlay ${hqRouter}`, `lan ${hqRouter}`];
    assert.deepEqual(planned(tutorialInput({ nat: 'routed' })), way);
    const stateful = [answers.lan, silent, routerOf.knows, routerOf.isThere];
    assert.deepEqual(planned(tutorialInput({ nat: 'routed', probes: stateful })), [`via-router ${hrServer}:443`]);
    const through = probe(bare, 'via-router', hrServer, 'silent');
    assert.deepEqual(planned(tutorialInput({ nat: 'routed', probes: [...stateful, through] })), []);
  });

  test('asks nobody where nothing is open, where the answer is no, and where the connector is away', () => {
    assert.deepEqual(planned(tutorialInput({ probes: [answers.lan] })), []);
    assert.deepEqual(planned(tutorialInput({ hq: { sysctls: forwardingOff } })), []);
    assert.deepEqual(planned(tutorialInput({ away: hqAway() })), []);
    assert.deepEqual(planned(tutorialInput(), flow(bob, internetService)), []);
  });
});

function told({ summary, findings }: FlowCheck): string {
  return `${summary}\n${findings.map(({ code, title }) => `${code} ${title}`).join('\n')}`;
}
