import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from '../model.ts';
import { doctorPlan } from './doctor-plan.ts';
import { examine } from './examine.ts';
import type { FindingCode } from './finding-code.ts';
import type { MachinePlan } from './testing/connector-sections.ts';
import { observedAt } from './testing/connector-sections.ts';
import type { TutorialPlan } from './testing/tutorial-wpc.ts';
import { hqRouter, probe, router, routesTo, tutorialInput } from './testing/tutorial-wpc.ts';

const routers = {
  hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11', '192.168.0.0/22') }),
  branch: router({ routes: routesTo('192.168.0.10', '100.96.0.0/11', '10.0.0.0/18') }),
};
const base = tutorialInput();
const hq = base.model.connectors[0]?.id;

test('a WPC that is set up as it should be raises nothing, with NAT and routed, with all people away', () => {
  for (const nat of ['masquerade', 'routed'] as const) {
    const away = base.model.devices.map(({ id }) => `device:${id}` as const);
    assert.deepEqual(codes({ nat, routers, away }), [], nat);
  }
});

const machines: readonly (readonly [FindingCode, Partial<MachinePlan>])[] = [
  ['FWD-NOT-PERSISTED', { persisted: [] }],
  ['FWD-NOT-PERSISTED', { persisted: ['net.ipv4.ip_forward = 1', 'net.ipv4.ip_forward=0'] }],
  ['CT-FULL', { sysctls: { 'net/netfilter/nf_conntrack_max': 100, 'net/netfilter/nf_conntrack_count': 99 } }],
  [
    'NAT-STALE-CT',
    {
      moreSections: {
        conntrack:
          'icmp 1 29 src=100.96.16.1 dst=10.0.0.20 type=8 code=0 id=7 [UNREPLIED] src=10.0.0.20 dst=100.96.16.1 type=0 code=0 id=7 use=1',
      },
    },
  ],
  ['CLOCK-SKEW', { moreSections: { agent: `agent=0.1.0\nclock=${String(Date.parse(observedAt) / 1000 - 86_400)}` } }],
  [
    'CTR-BRIDGE',
    {
      lanAddress: '172.17.0.2/16',
      lanSubnet: '172.17.0.0/16',
      router: '172.17.0.1',
      moreSections: { agent: 'agent=0.1.0\ncontainer=bridge' },
    },
  ],
];

for (const [code, plan] of machines) {
  test(`finds ${code} on a machine, and nothing else`, () => {
    assert.deepEqual(codes({ hq: plan }), [code]);
  });
}

test('says why a tunnel does not come up, before it says that it is down', () => {
  const away = hq === undefined ? [] : [`connector:${hq}` as const];
  const log = (words: string) => codes({ routers, away, hq: { moreSections: { 'tunnel-log': words } } }).slice(0, 2);
  assert.deepEqual(log('ERROR: Cannot open TUN/TAP dev /dev/net/tun: No such file or directory (errno=2)'), [
    'TUN-MISSING',
    'CON-OFFLINE',
  ]);
  assert.deepEqual(log('VERIFY ERROR: depth=1, error=certificate is not yet valid'), ['CLOCK-SKEW', 'CON-OFFLINE']);
  assert.deepEqual(log('TLS Error: TLS key negotiation failed to occur within 60 seconds'), ['CON-UDP-BLOCKED', 'CON-OFFLINE']);
  assert.deepEqual(log('something else'), ['CON-OFFLINE']);
});

test('a connector over TCP that has a UDP lane is told, a router without the route of another site too', () => {
  const attached = new Map(
    [...base.observed.attached].map(([id, each]) => [
      id,
      id === `connector:${hq ?? ''}` ? { ...each, lane: 't0' as const } : each,
    ]),
  );
  assert.deepEqual(codes({ routers, observed: { attached } }), ['CON-UDP-BLOCKED']);
  const oneWay = { ...routers, branch: router({ routes: routesTo('192.168.0.10', '100.96.0.0/11') }) };
  assert.deepEqual(codes({ routers: oneWay }), ['SITE-ROUTE-ONE-WAY']);
});

test('what nobody has said is a warning and no error, and is told once for each network', () => {
  const found = examine(tutorialInput({ nat: 'routed' }));
  assert.deepEqual([...new Set(found.map(({ severity }) => severity))], ['warning']);
  assert.deepEqual(found.map(({ code }) => code).toSorted(), ['NAT-OFF-NO-ROUTE', 'NAT-OFF-NO-ROUTE']);
  assert.deepEqual(codes({}), []);
});

test('before it warns, the doctor would ask the routers of routed networks, and only those of which nothing is known', () => {
  const asked = (plan: TutorialPlan) =>
    doctorPlan(tutorialInput(plan)).flatMap(({ questions }) => questions.map(({ kind, target }) => `${kind} ${target}`));
  const both = ['overlay 10.0.0.1', 'lan 10.0.0.1', 'overlay 192.168.0.1', 'lan 192.168.0.1'];
  assert.deepEqual(asked({ nat: 'routed' }), both);
  assert.deepEqual(asked({ nat: 'routed', routers: { hq: routers.hq } }), both.slice(2));
  assert.deepEqual(asked({}), []);
  assert.deepEqual(asked({ nat: 'routed', hq: null, branch: null }), []);
  const answered = ['overlay', 'lan'].map((kind) => probe(base, kind as 'lan', hqRouter, 'answered', null));
  const found = examine(tutorialInput({ nat: 'routed', probes: answered }));
  assert.deepEqual(
    found.map(({ code, object }) => [code, object.id]),
    [['NAT-OFF-NO-ROUTE', '192.168.0.1']],
  );
  assert.match(found[0]?.title ?? '', /^Not verified: /);
});

test('networks without connector, without prefix, and a WPC without devices are no fault of the flows', () => {
  const emptied: TutorialPlan = {
    routers,
    model: (model) => ({
      ...model,
      devices: [],
      users: [],
      networks: model.networks.map((network): Network => ({ ...network, prefixes: [] })),
    }),
  };
  assert.deepEqual(codes(emptied), []);
});

function codes(plan: TutorialPlan): readonly FindingCode[] {
  return examine(tutorialInput(plan)).map(({ code }) => code);
}
