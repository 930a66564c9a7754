import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from '../model.ts';
import type { Service } from './compare.ts';
import { compareModels, verdictsOf } from './compare.ts';
import { financeServer, hrServer, router, routesTo, tutorialInput } from './testing/tutorial-wpc.ts';

const services: readonly Service[] = [hrServer, financeServer].map((address) => ({
  object: { kind: 'server', id: address, label: address },
  address,
  protocol: 'tcp',
  port: 443,
}));

test('every pair has a verdict, groups without a device none, and nobody has to be connected', () => {
  const away = tutorialInput().model.devices.map(({ id }) => `device:${id}` as const);
  const table = verdictsOf(tutorialInput({ away }), services);
  assert.deepEqual(
    services.map((_, service) => table.verdict(0, service)),
    ['works', 'works'],
  );
  const nobody = verdictsOf(tutorialInput({ model: (model) => ({ ...model, devices: [] }) }), services);
  assert.equal(nobody.verdict(0, 0), null);
});

test('a change that takes a prefix away breaks its flows; the way back opens them; none changes nothing', () => {
  const before = tutorialInput();
  const after = tutorialInput({
    model: (model) => ({
      ...model,
      networks: model.networks.map((network, index): Network => (index === 0 ? { ...network, prefixes: [] } : network)),
    }),
  });
  const effect = compareModels(before, after, services);
  assert.deepEqual(
    effect.breaks.map(({ service }) => service.address),
    [hrServer],
  );
  assert.deepEqual([effect.opens, effect.others, effect.checked], [[], [], 2]);
  assert.deepEqual(
    compareModels(after, before, services).opens.map(({ service }) => service.address),
    [hrServer],
  );
  assert.deepEqual(compareModels(before, before, services), { checked: 2, breaks: [], opens: [], others: [] });
});

test('a change of NAT is judged by what the agents will set up for it, not by what they reported before', () => {
  const routers = { hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11') }), branch: router({ routes: [] }) };
  for (const [from, into, verdict] of [
    ['masquerade', 'routed', 'broken-return'],
    ['routed', 'masquerade', 'works'],
  ] as const) {
    const before = tutorialInput({ routers, nat: from });
    const after = tutorialInput({ routers, nat: into });
    const effect = compareModels(before, { ...after, observed: before.observed }, services);
    const changed = [...effect.breaks, ...effect.opens].map((pair) => [pair.service.address, pair.verdict]);
    assert.deepEqual(changed, [[financeServer, verdict]], `${from} to ${into}`);
  }
});

test('turning NAT off breaks the flows of a site whose router has no route, and not of one that has', () => {
  const routers = {
    hq: router({ routes: routesTo('10.0.0.10', '100.96.0.0/11') }),
    branch: router({ routes: [] }),
  };
  const effect = compareModels(tutorialInput({ routers }), tutorialInput({ routers, nat: 'routed' }), services);
  assert.deepEqual(
    effect.breaks.map(({ service, verdict }) => [service.address, verdict]),
    [[financeServer, 'broken-return']],
  );
});
