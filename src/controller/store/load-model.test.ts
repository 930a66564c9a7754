import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import type { RegionId } from '../../core/ids.ts';
import { systemActor } from '../principal.ts';
import { loadModel } from './load-model.ts';
import { inModelTransaction } from './model-transaction.ts';
import type { Store } from './store.ts';
import { testDatabase } from './test-database.ts';
import { countQueries } from './test-query-count.ts';

const id = (kind: string, number: number): string =>
  `00000000-0000-4000-8000-${kind.padEnd(4, '0')}${String(number).padStart(8, '0')}`;

async function write(store: Store, ...statements: string[]): Promise<void> {
  await inModelTransaction(store, systemActor, async (change) => {
    for (const statement of statements) await sql.raw(statement).execute(change.trx);
    change.record({ entity: 'test', entityId: 'test', action: 'written' });
  });
}

const tutorial: readonly string[] = [
  `insert into network (id, name, nat) values ('${id('a', 1)}', 'HQ Network', 'masquerade'), ('${id('a', 2)}', 'Branch', 'routed'), ('${id('a', 3)}', 'Empty', 'masquerade')`,
  `update network set egress = true, probe_targets = '{10.0.0.9}' where id = '${id('a', 1)}'`,
  `update network set internet_access = 'RESTRICTED_INTERNET' where id = '${id('a', 2)}'`,
  `update network set internet_access = 'SPLIT_TUNNEL_OFF', gateways_ids = '{${id('a', 1)}}' where id = '${id('a', 3)}'`,
  `insert into network_route (network_id, prefix) values ('${id('a', 1)}', '10.0.0.0/18'), ('${id('a', 1)}', '192.168.9.0/24'), ('${id('a', 2)}', '172.16.0.0/16')`,
  `insert into host (id, name) values ('${id('b', 1)}', 'backup')`,
  `insert into connector (id, name, network_id, region, draining, lan_router) values ('${id('c', 1)}', 'hq-1', '${id('a', 1)}', 'eu-central-1', true, '10.0.0.1')`,
  `insert into connector (id, name, host_id, region, suspended) values ('${id('c', 2)}', 'backup', '${id('b', 1)}', 'us-mia', true)`,
  `insert into user_group (id, name, internet_access, tunnel_bypass, connect_auth) values ('${id('d', 1)}', 'Off', 'SPLIT_TUNNEL_OFF', '{198.51.100.0/24}', 'ON_PRIOR_AUTH')`,
  `update wpc set dns_servers = '{10.0.0.53,9.9.9.9}'`,
  `insert into app_user (id, username, group_id, status) values ('${id('e', 1)}', 'bob', '${id('d', 1)}', 'ACTIVE'), ('${id('e', 2)}', 'eve', '${id('d', 1)}', 'SUSPENDED')`,
  `insert into device (id, user_id, name, user_lane) values ('${id('f', 1)}', '${id('e', 1)}', 'laptop', 1)`,
  `insert into device_authentication values ('${id('f', 1)}', '2026-05-01 08:00+00')`,
  `insert into tunnel_address (address, connector_id) values ('100.96.0.100', '${id('c', 1)}'), ('100.96.0.101', '${id('c', 2)}')`,
  `insert into tunnel_address (address, device_id) values ('100.96.16.1', '${id('f', 1)}')`,
  `insert into certificate (serial, connector_id, not_before, not_after) values ('${'1'.repeat(32)}', '${id('c', 1)}', now(), now() + interval '1 day')`,
  `insert into certificate (serial, device_id, not_before, not_after) values ('${'2'.repeat(32)}', '${id('f', 1)}', now(), now() + interval '1 day')`,
  `insert into certificate (serial, device_id, not_before, not_after) values ('${'3'.repeat(32)}', '${id('f', 1)}', now() - interval '2 day', now() - interval '1 day')`,
  `insert into certificate (serial, device_id, not_before, not_after, revoked_at) values ('${'4'.repeat(32)}', '${id('f', 1)}', now(), now() + interval '1 day', now())`,
  `insert into lane_assignment values ('${id('c', 1)}', 0), ('${id('c', 2)}', 7)`,
  `insert into gateway (id, name, region, vpn_port, user_lanes, connector_lanes, public_addresses) values ('${id('9', 1)}', 'local', 'eu-central-1', 1195, 2, 16, '{203.0.113.1}')`,
];

test('the whole model comes out as it was written, without what is revoked or expired', async () => {
  await using database = await testDatabase();
  // A group of the installation's own would be in the list too.
  await write(database.store, 'delete from user_group', ...tutorial);
  const { model, sites } = await loadModel(database.store.database);
  assert.deepEqual(model, {
    revision: 1,
    tunnelRanges: ['100.96.0.0/11'],
    networks: [
      {
        id: id('a', 1),
        name: 'HQ Network',
        nat: 'masquerade',
        prefixes: ['10.0.0.0/18', '192.168.9.0/24'],
        internet: { mode: 'SPLIT_TUNNEL_ON' },
        egress: true,
        probeTargets: ['10.0.0.9'],
      },
      {
        id: id('a', 2),
        name: 'Branch',
        nat: 'routed',
        prefixes: ['172.16.0.0/16'],
        internet: { mode: 'RESTRICTED_INTERNET', bypass: [] },
        egress: false,
        probeTargets: [],
      },
      {
        id: id('a', 3),
        name: 'Empty',
        nat: 'masquerade',
        prefixes: [],
        internet: { mode: 'SPLIT_TUNNEL_OFF', gateways: [id('a', 1)], bypass: [] },
        egress: false,
        probeTargets: [],
      },
    ],
    hosts: [{ id: id('b', 1), name: 'backup', internet: { mode: 'SPLIT_TUNNEL_ON' } }],
    connectors: [
      {
        id: id('c', 1),
        name: 'hq-1',
        site: { kind: 'network', id: id('a', 1) },
        region: 'eu-central-1',
        address: '100.96.0.100',
        suspended: false,
        draining: true,
        lanRouter: '10.0.0.1',
      },
      {
        id: id('c', 2),
        name: 'backup',
        site: { kind: 'host', id: id('b', 1) },
        region: 'us-mia',
        address: '100.96.0.101',
        suspended: true,
        draining: false,
        lanRouter: null,
      },
    ],
    userGroups: [
      {
        id: id('d', 1),
        name: 'Off',
        internet: { mode: 'SPLIT_TUNNEL_OFF', gateways: [], bypass: ['198.51.100.0/24'] },
        connectAuth: 'ON_PRIOR_AUTH',
      },
    ],
    users: [
      { id: id('e', 1), name: 'bob', group: id('d', 1), suspended: false },
      { id: id('e', 2), name: 'eve', group: id('d', 1), suspended: true },
    ],
    devices: [
      {
        id: id('f', 1),
        name: 'laptop',
        user: id('e', 1),
        address: '100.96.16.1',
        userLane: 1,
        authenticatedAt: Date.parse('2026-05-01T08:00:00Z'),
        clientUuid: '',
      },
    ],
    certificates: [
      { serial: '1'.repeat(32), endpoint: { kind: 'connector', id: id('c', 1) } },
      { serial: '2'.repeat(32), endpoint: { kind: 'device', id: id('f', 1) } },
    ],
    laneAssignment: { [id('c', 1)]: 0, [id('c', 2)]: 7 },
    dnsServers: ['10.0.0.53', '9.9.9.9'],
    // In the order of the keys: ids, all, restricted.
    egressClassNumbers: { [id('a', 1)]: 1, all: 2, restricted: 3 },
    deviceEnforcement: 'OFF',
  });
  assert.equal(sites.length, 1);
  const [site] = sites;
  assert.deepEqual(site?.publicAddresses, ['203.0.113.1']);
  assert.deepEqual([site?.id, site?.vpnPort, site?.userLanes, site?.connectorLanes], [id('9', 1), 1195, 2, 16]);
  assert.equal(site?.regions[0], 'eu-central-1');
  assert.ok(site?.regions.includes('us-mia' as RegionId), 'a region without a gateway is served by the default one');
});

test('a WPC of a thousand is read with as many queries as one of ten, and in one snapshot', async () => {
  await using database = await testDatabase();
  const counted = countQueries(database.store.database);
  const fill = (count: number, from: number): string[] => [
    `insert into network (id, name) select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'n' || n from generate_series(${String(from)}, ${String(from + count - 1)}) n`,
    `insert into network_route (network_id, prefix) select id, ('10.' || (number / 250) || '.' || (number % 250) || '.0/24')::cidr from network n where not exists (select from network_route r where r.network_id = n.id)`,
    `insert into connector (id, name, network_id, region) select id, name, id, 'us-mia' from network n where not exists (select from connector c where c.network_id = n.id)`,
    `insert into tunnel_address (address, connector_id) select '100.96.1.0'::inet + c.number, c.id from connector c where not exists (select from tunnel_address a where a.connector_id = c.id)`,
  ];
  await write(database.store, ...fill(10, 1));
  const small = await loadModel(counted.database);
  const forTen = counted.take();
  await write(database.store, ...fill(990, 11));
  const large = await loadModel(counted.database);
  assert.equal(counted.take(), forTen);
  assert.deepEqual([small.model.networks.length, large.model.networks.length, large.model.connectors.length], [10, 1000, 1000]);
});

test('while others write, what is read is always one revision as a whole', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await write(store, `insert into network (id, name) values ('${id('a', 1)}', '0'), ('${id('a', 2)}', '0')`);
  let done = false;
  const writer = (async () => {
    for (let index = 1; index <= 40; index += 1) await write(store, `update network set name = '${String(index)}'`);
    done = true;
  })();
  while (!done) {
    const { model } = await loadModel(store.database);
    const [one, two] = model.networks;
    assert.equal(one?.name, two?.name);
    assert.equal(String(model.revision - 1), one?.name);
  }
  await writer;
});
