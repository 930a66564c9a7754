import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { RegionId } from '../../core/ids.ts';
import type { ModelTrx } from './database.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from './model-transaction.ts';
import type { Store } from './store.ts';
import { testDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';

/** Raw SQL on purpose: what the database itself judges is what is tested, whatever the code above it would let through. */
async function write(store: Store, ...statements: string[]): Promise<void> {
  await inModelTransaction(store, systemActor, async (change) => {
    for (const statement of statements) await sql.raw(statement).execute(change.trx);
    change.record({ entity: 'test', entityId: 'test', action: 'written' });
  });
}

const network = (number: number): string => `00000000-0000-4000-8000-00000000000${String(number)}`;
const twoNetworks = `insert into network (id, name) values ('${network(1)}', 'HQ'), ('${network(2)}', 'Branch')`;
const connector = '00000000-0000-4000-8000-0000000000c1';
const aConnector = `insert into connector (id, name, network_id, region) values ('${connector}', 'c1', '${network(1)}', 'eu-central-1')`;
const itsAddress = `insert into tunnel_address (address, connector_id) values ('100.96.0.100', '${connector}')`;

const refused: readonly { readonly name: string; readonly statements: readonly string[]; readonly because: RegExp }[] = [
  {
    name: 'a prefix inside another network’s',
    statements: [
      `insert into network_route (network_id, prefix) values ('${network(1)}', '10.0.0.0/18')`,
      `insert into network_route (network_id, prefix) values ('${network(2)}', '10.0.1.0/24')`,
    ],
    because: /network_route_no_overlap/,
  },
  {
    name: 'a prefix around the same network’s',
    statements: [
      `insert into network_route (network_id, prefix) values ('${network(1)}', '10.0.1.0/24')`,
      `insert into network_route (network_id, prefix) values ('${network(1)}', '10.0.0.0/8')`,
    ],
    because: /network_route_no_overlap/,
  },
  {
    name: 'a prefix in the tunnel range',
    statements: [`insert into network_route (network_id, prefix) values ('${network(1)}', '100.100.0.0/16')`],
    because: /prefix 100\.100\.0\.0\/16 overlaps a tunnel range/,
  },
  {
    name: 'a tunnel range over a network’s prefix',
    statements: [
      `insert into network_route (network_id, prefix) values ('${network(1)}', '10.0.0.0/18')`,
      `update wpc set tunnel_ranges = '{10.0.0.0/8}'`,
    ],
    because: /prefix 10\.0\.0\.0\/18 would overlap a tunnel range/,
  },
  {
    name: 'no tunnel range at all',
    statements: [`update wpc set tunnel_ranges = '{}'`],
    because: /wpc_tunnel_ranges_check/,
  },
  {
    name: 'a tunnel address outside the ranges',
    statements: [aConnector, `insert into tunnel_address (address, connector_id) values ('10.9.9.9', '${connector}')`],
    because: /tunnel address 10\.9\.9\.9 lies outside the tunnel ranges/,
  },
  {
    name: 'a prefix as a tunnel address',
    statements: [aConnector, `insert into tunnel_address (address, connector_id) values ('100.96.0.0/24', '${connector}')`],
    because: /tunnel_address_address_check/,
  },
  {
    name: 'a tunnel range that strands an address',
    statements: [aConnector, itsAddress, `update wpc set tunnel_ranges = '{100.112.0.0/12}'`],
    because: /tunnel address 100\.96\.0\.100 would lie outside the tunnel ranges/,
  },
  {
    name: 'two addresses of one connector',
    statements: [
      aConnector,
      itsAddress,
      `insert into tunnel_address (address, connector_id) values ('100.96.0.101', '${connector}')`,
    ],
    because: /tunnel_address_connector_id_key/,
  },
  {
    name: 'an address of nobody that is not released',
    statements: [`insert into tunnel_address (address) values ('100.96.0.100')`],
    because: /tunnel_address_owned_or_released/,
  },
  {
    name: 'a connector without a site',
    statements: [`insert into connector (name, region) values ('c1', 'eu-central-1')`],
    because: /connector_at_one_site/,
  },
  {
    name: 'a connector in an unknown region',
    statements: [`insert into connector (name, network_id, region) values ('c1', '${network(1)}', 'atlantis-1')`],
    because: /connector_region_fkey/,
  },
  {
    name: 'two connectors on one lane',
    statements: [
      aConnector,
      `insert into connector (id, name, network_id, region) values ('00000000-0000-4000-8000-0000000000c2', 'c2', '${network(1)}', 'eu-central-1')`,
      `insert into lane_assignment values ('${connector}', 3), ('00000000-0000-4000-8000-0000000000c2', 3)`,
    ],
    because: /lane_assignment_lane_key/,
  },
];

/** What is refused leaves nothing behind (model-transaction.test.ts), so one database serves all of these. */
let shared: TestDatabase;
before(async () => {
  shared = await testDatabase();
});
after(async () => {
  await shared.close();
});

for (const { name, statements, because } of refused) {
  test(`the database refuses ${name}`, async () => {
    await assert.rejects(write(shared.store, twoNetworks, ...statements), because);
  });
}

test('deleting a network releases the address of its connector and revokes its certificate; both rows stay', async () => {
  await using database = await testDatabase();
  const { store } = database;
  const serial = '7'.repeat(32);
  await write(
    store,
    twoNetworks,
    aConnector,
    itsAddress,
    `insert into certificate (serial, connector_id, not_before, not_after) values ('${serial}', '${connector}', now(), now() + interval '1 day')`,
    `insert into lane_assignment values ('${connector}', 0)`,
  );
  await write(store, `delete from network where id = '${network(1)}'`);
  const addresses = await store.database.selectFrom('tunnel_address').selectAll().execute();
  assert.equal(addresses.length, 1);
  assert.deepEqual([addresses[0]?.address, addresses[0]?.connector_id], ['100.96.0.100', null]);
  assert.ok(addresses[0]?.released_at instanceof Date);
  const certificates = await store.database.selectFrom('certificate').selectAll().execute();
  assert.ok(certificates[0]?.revoked_at instanceof Date);
  assert.deepEqual(await store.database.selectFrom('lane_assignment').selectAll().execute(), []);
});

test('the first use of a certificate is no change of the model, its revocation is', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await write(
    store,
    twoNetworks,
    aConnector,
    `insert into certificate (serial, connector_id, not_before, not_after) values ('${'7'.repeat(32)}', '${connector}', now(), now())`,
  );
  const update = async (trx: ModelTrx | Store['database'], column: 'first_used_at' | 'revoked_at') =>
    await trx
      .updateTable('certificate')
      .set({ [column]: new Date() })
      .execute();
  await update(store.database, 'first_used_at');
  await assert.rejects(update(store.database, 'revoked_at'), /table certificate belongs to the model/);
});

test('what types come out as: revisions are numbers, prefixes and addresses their canonical text', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await write(store, twoNetworks, `insert into network_route (network_id, prefix) values ('${network(1)}', '10.0.0.0/18')`);
  const wpc = await store.database
    .selectFrom('wpc')
    .select(['revision', 'tunnel_ranges', 'default_region'])
    .executeTakeFirstOrThrow();
  assert.deepEqual(wpc, { revision: 1, tunnel_ranges: ['100.96.0.0/11'], default_region: 'eu-central-1' as RegionId });
  const routes = await store.database.selectFrom('network_route').select('prefix').execute();
  assert.deepEqual(routes, [{ prefix: '10.0.0.0/18' }]);
});
