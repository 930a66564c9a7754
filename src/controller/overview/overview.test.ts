import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { hostRoutes } from '../../contract/api/host.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { overview, overviewRoutes } from '../../contract/api/overview.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { call, issuingController, reportSession } from '../routes/test-api.ts';
import type { IssuingController } from '../routes/test-api.ts';
import { countQueries } from '../store/test-query-count.ts';
import { readOverview } from './read-overview.ts';

let issuing: IssuingController;
before(async () => {
  issuing = await issuingController();
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});

test('one answer shows groups, regions, sites with their connectors, who is online and what passed', async () => {
  const { controller, gateway } = issuing;
  const staff = await call(controller, userGroupRoutes.create, { body: { name: 'Staff', maxDevice: 5 } });
  const bob = await call(controller, userRoutes.create, {
    body: { username: 'bob', groupId: staff.id, devices: [{ name: 'laptop' }, { name: 'phone' }] },
  });
  await call(controller, userRoutes.create, { body: { username: 'alice', groupId: staff.id, devices: [{ name: 'laptop' }] } });
  const gone = await call(controller, userRoutes.create, { body: { username: 'gone', groupId: staff.id } });
  await controller.request('PUT', `/api/v1/users/${gone.id}/suspend`);
  const hq = await call(controller, networkRoutes.create, {
    body: {
      name: 'HQ Network',
      routes: [{ value: '10.0.0.0/18' }],
      connectors: [{ name: 'hq-1' }, { name: 'hq-2', vpnRegionId: 'us-east-1' }],
    },
  });
  const host = await call(controller, hostRoutes.create, { body: { name: 'printer', connectors: [{ name: 'p-1' }] } });
  for (const device of bob.devices) await reportSession(issuing, { device: device.id, user: bob.id }, { state: 'established' });
  const [first, second] = hq.connectors;
  await reportSession(issuing, { connector: first?.id ?? '' }, { state: 'established' });
  await reportSession(issuing, { connector: first?.id ?? '' }, { state: 'ended', endedAt: new Date() });

  const shown = await call(controller, overviewRoutes.read);
  const group = shown.groups?.find(({ id }) => id === staff.id);
  assert.deepEqual([group?.people, group?.peopleOnline, group?.devicesOnline], [2, 1, 2]);
  assert.deepEqual(
    group?.regions.map(({ regionId, people, devices, traffic }) => [regionId, people, devices, traffic.bytesIn, traffic.tunnels]),
    [['eu-central-1', 1, 2, 20, 2]],
  );
  assert.deepEqual(
    shown.regions.map(({ id, servedBy, gateway: own }) => [id, servedBy, own?.id ?? null, own?.reports ?? null]),
    [
      ['eu-central-1', 'eu-central-1', gateway, true],
      ['us-east-1', 'eu-central-1', null, null],
    ],
  );
  const network = shown.networks?.find(({ id }) => id === hq.id);
  assert.deepEqual([network?.prefixes, network?.egress, network?.nat], [['10.0.0.0/18'], false, 'masquerade']);
  assert.deepEqual(
    network?.connectors.map(({ id, connectionStatus, role, health, gatewayRegionId, traffic }) => [
      id,
      connectionStatus,
      role,
      health,
      gatewayRegionId,
      traffic.tunnels,
      traffic.bytesOut,
      traffic.bytesPerSecond,
    ]),
    [
      [first?.id, 'ONLINE', 'active', 'not-probed', 'eu-central-1', 1, 20, null],
      [second?.id, 'OFFLINE', 'offline', 'unhealthy', 'eu-central-1', 0, 0, null],
    ],
  );
  assert.deepEqual(
    shown.hosts?.map(({ id, connectors }) => [id, connectors.map(({ connectionStatus }) => connectionStatus)]),
    [[host.id, ['OFFLINE']]],
  );
  assert.deepEqual(shown.counts, {
    networks: 1,
    hosts: 1,
    connectors: 3,
    connectorsOnline: 1,
    users: 3,
    devices: 3,
    devicesOnline: 2,
  });
  assert.equal(shown.events?.[0]?.seq, shown.lastSeq);
  assert.deepEqual(shown.internet, { uses: [], refused: [] });
});

test('a gateway that is silent is not believed about anybody', async () => {
  const { controller } = issuing;
  const { database } = controller.deps.store;
  await sql`update gateway set reported_at = now() - interval '31 seconds'`.execute(database);
  const shown = await call(controller, overviewRoutes.read);
  await sql`update gateway set reported_at = now()`.execute(database);
  assert.deepEqual([shown.counts.connectorsOnline, shown.counts.devicesOnline], [0, 0]);
  assert.ok(shown.groups?.every(({ peopleOnline }) => peopleOnline === 0));
  assert.equal(shown.regions[0]?.gateway?.reports, false);
});

test('what a credential may not read is null', async () => {
  const { controller } = issuing;
  const ask = async (permissions: Parameters<typeof controller.tokenWith>[0]) => {
    const authorization = `Bearer ${await controller.tokenWith(permissions)}`;
    const answer = await controller.app.inject({ url: overviewRoutes.read.path, headers: { authorization } });
    return overview.parse(answer.json());
  };
  const little = await ask(['status:read']);
  const { groups, networks, hosts, internet, events, counts } = little;
  assert.deepEqual([groups, networks, hosts, internet, events, counts.users], [null, null, null, null, null, null]);
  const some = await ask(['status:read', 'network:read', 'event:read']);
  assert.ok(some.networks !== null && some.events !== null);
  assert.deepEqual([some.groups, some.hosts, some.internet], [null, null, null]);
});

test('the number of queries is the same for a few objects and for many', async () => {
  const { controller } = issuing;
  const counted = countQueries(controller.deps.store.database);
  await readOverview(counted.database, () => true);
  const few = counted.take();
  for (let number = 0; number < 20; number += 1) {
    await call(controller, networkRoutes.create, {
      body: { name: `n${String(number)}`, routes: [{ value: `10.64.${String(number)}.0/24` }], connectors: [{ name: 'c' }] },
    });
    await call(controller, userGroupRoutes.create, { body: { name: `g${String(number)}` } });
  }
  await readOverview(counted.database, () => true);
  assert.ok(few > 5);
  assert.equal(counted.take(), few);
});
