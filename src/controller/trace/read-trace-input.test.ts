import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkRoutes } from '../../contract/api/network.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { siteRouteRoutes } from '../../contract/api/site-routes.ts';
import type { ConnectorId } from '../../core/ids.ts';
import { call } from '../routes/test-api.ts';
import { countQueries } from '../store/test-query-count.ts';
import { everythingOf } from './concern.ts';
import { readTraceInput } from './read-trace-input.ts';
import { lanSections, tracedWpc } from './test-trace.ts';

const nobody = { current: () => undefined };

test('what a trace depends on is read of one moment, of whom it concerns, with as many queries for many as for one', async () => {
  await using traced = await tracedWpc();
  const { controller, wpc } = traced;
  await traced.observe(lanSections);
  const counted = countQueries(controller.database.store.database);
  const { input, site } = await readTraceInput(counted.database, nobody, ({ model }) => everythingOf(model));
  const one = counted.take();
  const { observed, model, configuration } = input;
  assert.deepEqual([site.id, configuration.gateway.id, configuration.revision], [wpc.gateway, wpc.gateway, model.revision]);
  const attached = [...observed.attached].map(([id, { lane, clientAddress }]) => [id, { lane, clientAddress }]);
  assert.deepEqual(Object.fromEntries(attached), {
    [`connector:${wpc.connector}`]: { lane: 'c0', clientAddress: '203.0.113.7' },
    [`device:${wpc.device}`]: { lane: 'u0', clientAddress: '203.0.113.7' },
  });
  assert.deepEqual([...observed.owners], [[`network:${wpc.network}`, [wpc.connector]]]);
  assert.deepEqual(observed.gateway.problems, [{ code: 'x', message: 'nothing much' }]);
  assert.ok(Math.abs(Date.parse(observed.now) - Date.parse(observed.gateway.reportedAt ?? '')) < 60_000);
  assert.deepEqual([...(observed.machines.get(wpc.connector)?.sections.keys() ?? [])].toSorted(), ['addr', 'route']);

  await call(controller, siteRouteRoutes.nameRouter, { id: wpc.network, body: { platform: 'mikrotik' } });
  const others = Array.from({ length: 20 }, (_, index) => ({ name: `c${String(index)}` }));
  const { connectors } = await call(controller, networkRoutes.create, { body: { name: 'many', connectors: others } });
  const group = await call(controller, userGroupRoutes.create, { body: { name: 'g', maxDevice: 100 } });
  await call(controller, userRoutes.create, { body: { username: 'eve', groupId: group.id, devices: others } });
  const many = await readTraceInput(counted.database, nobody, (known) => everythingOf(known.model));
  assert.equal(counted.take(), one);
  assert.equal(many.input.observed.platforms.get(wpc.network)?.platform, 'mikrotik');
  assert.equal(many.input.observed.clouds.size, 0);

  const concern = { connectors: [connectors[0]?.id as ConnectorId], networks: [] };
  const few = await readTraceInput(counted.database, nobody, () => concern);
  assert.deepEqual([few.input.observed.machines.size, few.input.observed.platforms.size], [0, 0]);
});

test('what the gateway was sent is not compiled again, unless it is of another revision', async () => {
  await using traced = await tracedWpc();
  const { database } = traced.controller.database.store;
  const nothing = () => ({ connectors: [], networks: [] });
  const { input } = await readTraceInput(database, nobody, nothing);
  const compiled = (revision: number) => ({
    current: () => ({ configuration: { ...input.configuration, revision }, json: () => '', tokenHash: null }),
  });
  const same = compiled(input.model.revision);
  assert.equal((await readTraceInput(database, same, nothing)).input.configuration.revision, input.model.revision);
  const old = await readTraceInput(database, compiled(input.model.revision - 1), nothing);
  assert.equal(old.input.configuration.revision, input.model.revision);
});

test('of a network in a cloud that nobody has asked, what its connector has told is known', async () => {
  await using traced = await tracedWpc();
  const { controller, wpc } = traced;
  const machine = 'dmi.sys_vendor=Amazon EC2\naws.0a:1/local-ipv4s=10.0.0.10\naws.0a:1/interface-id=eni-0123456789abcdef0';
  await traced.observe({ ...lanSections, platform: machine });
  const { input } = await readTraceInput(controller.database.store.database, nobody, ({ model }) => everythingOf(model));
  const cloud = input.observed.clouds.get(wpc.network);
  assert.deepEqual([cloud?.cloud, cloud?.reading.from, cloud?.cards[0]?.addresses], ['aws', 'metadata', ['10.0.0.10']]);
  assert.equal(cloud?.filters, null);
});
