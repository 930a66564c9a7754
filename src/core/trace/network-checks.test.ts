import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CheckKind, CheckState } from './check-words.ts';
import { networkChecks, wayBackPlan } from './network-checks.ts';
import type { TutorialPlan } from './testing/tutorial-wpc.ts';
import { hqRouter, probe, router, routesTo, tutorialInput } from './testing/tutorial-wpc.ts';

const base = tutorialInput();
const hq = first(base.model.connectors);
const answered = (kind: 'overlay' | 'lan') => probe(base, kind, hqRouter, 'answered', null);
const silent = probe(base, 'overlay', hqRouter, 'silent', null);
const forwardingOff = { 'net/ipv4/conf/all/forwarding': 0, 'net/ipv4/conf/causeway0/forwarding': 0 };
const dropping = [
  { table: { family: 'ip', name: 'mine' } },
  { chain: { family: 'ip', table: 'mine', name: 'forward', type: 'filter', hook: 'forward', prio: 0, policy: 'drop' } },
];

/** In the order of checkKinds; what is not named is ok. */
type Wanted = Partial<Record<CheckKind, CheckState>>;
const nothing: Wanted = { firewall: 'waiting', translation: 'waiting', 'way-back': 'waiting' };

const cases: readonly (readonly [string, TutorialPlan, Wanted, RegExp])[] = [
  ['NAT', {}, {}, /translation: the source 100\.96\.16\.1 becomes 10\.0\.0\.10/],
  [
    'NAT before anybody was invited',
    { model: (model) => ({ ...model, devices: [], users: [] }) },
    {},
    /the source 100\.96\.0\.2 becomes 10\.0\.0\.10/,
  ],
  [
    'NAT that the machine does not do',
    { hq: { masqueraded: [] } },
    { translation: 'failed', 'way-back': 'unknown' },
    /translation: NAT is on, and the machine does not do it/,
  ],
  [
    'a route that nobody has said or seen',
    { nat: 'routed' },
    { 'way-back': 'unknown' },
    /way-back NAT-OFF-NO-ROUTE: Not verified: /,
  ],
  [
    'a route that was stated',
    { nat: 'routed', routers: { hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11') }) } },
    {},
    /translation: none: the LAN sees tunnel addresses\n.*way-back: it sends 100\.96\.16\.1 to/,
  ],
  ['a route that a packet showed', { nat: 'routed', probes: [answered('overlay'), answered('lan')] }, {}, /way-back: it sends/],
  [
    'a route that is missing',
    { nat: 'routed', probes: [silent, answered('lan')] },
    { 'way-back': 'failed' },
    /way-back NAT-OFF-NO-ROUTE: Answers to/,
  ],
  ['forwarding that is off', { hq: { sysctls: forwardingOff } }, { ...nothing, forwarding: 'failed' }, /forwarding FWD-OFF: /],
  [
    'a firewall that drops it',
    { hq: { moreNft: dropping } },
    { firewall: 'failed', translation: 'waiting', 'way-back': 'waiting' },
    /firewall HFW-FORWARD-DROP: /,
  ],
  [
    'a stock client',
    { hq: null },
    { ...nothing, report: 'unknown', forwarding: 'unknown' },
    /report: nothing reports of this machine: a stock OpenVPN does not/,
  ],
  [
    'a machine that is not there yet',
    { away: [`connector:${hq.id}`], hq: null },
    { ...nothing, tunnel: 'waiting', report: 'waiting', forwarding: 'waiting' },
    /tunnel: \n/,
  ],
  [
    'a tunnel that says why it does not come up',
    {
      away: [`connector:${hq.id}`],
      hq: { moreSections: { 'tunnel-log': 'VERIFY ERROR: depth=1, error=certificate is not yet valid' } },
    },
    { ...nothing, tunnel: 'failed', report: 'waiting', forwarding: 'waiting' },
    /tunnel CLOCK-SKEW: /,
  ],
];

describe('what is in order of a connector', () => {
  for (const [name, plan, wanted, words] of cases) {
    test(name, () => {
      const input = tutorialInput(plan);
      const { checks } = first(networkChecks(input, first(input.model.networks).id));
      assert.deepEqual(Object.fromEntries(checks.map(({ kind, state }) => [kind, state])), {
        tunnel: 'ok',
        report: 'ok',
        forwarding: 'ok',
        firewall: 'ok',
        translation: 'ok',
        'way-back': 'ok',
        ...wanted,
      });
      const text = checks.map((each) => `${each.kind}${each.code === null ? '' : ` ${each.code}`}: ${each.words}\n`).join('');
      assert.match(text, words);
      for (const { kind, state, at } of checks)
        if (state === 'ok' && ['report', 'forwarding', 'firewall', 'translation'].includes(kind)) assert.ok(at !== null, kind);
    });
  }

  test('a network without prefix says of the flow nothing, one without connector has none', () => {
    const emptied = tutorialInput({
      model: (model) => ({ ...model, networks: model.networks.map((network) => ({ ...network, prefixes: [] })) }),
    });
    const { checks } = first(networkChecks(emptied, first(emptied.model.networks).id));
    assert.deepEqual([...new Set(checks.slice(2).map(({ state }) => state))], ['waiting']);
    const bare = tutorialInput({ model: (model) => ({ ...model, connectors: [] }) });
    assert.deepEqual(networkChecks(bare, first(bare.model.networks).id), []);
  });
});

test('the way back is asked of a routed network’s router, whatever was stated, and of no other', () => {
  const asked = (plan: TutorialPlan) => {
    const input = tutorialInput(plan);
    return wayBackPlan(input, first(input.model.networks).id).flatMap(({ questions }) =>
      questions.map(({ kind, target }) => `${kind} ${target}`),
    );
  };
  const stated = { hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11') }) };
  assert.deepEqual(asked({ nat: 'routed', routers: stated }), [`overlay ${hqRouter}`, `lan ${hqRouter}`]);
  assert.deepEqual(asked({}), []);
  assert.deepEqual(asked({ nat: 'routed', away: [`connector:${hq.id}`] }), []);
});

function first<Item>(items: readonly Item[]): Item {
  const [item] = items;
  assert.ok(item !== undefined);
  return item;
}
