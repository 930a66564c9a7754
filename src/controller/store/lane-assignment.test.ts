import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from './model-transaction.ts';
import type { Store } from './store.ts';
import { testDatabase } from './test-database.ts';

describe('lanes of connectors', () => {
  it('are given with the change that makes a connector, stay, and pass on when one is deleted', async () => {
    await using database = await testDatabase();
    const { store } = database;
    await inModelTransaction(store, systemActor, async ({ trx, record }) => {
      const region = trx.selectFrom('wpc').select('default_region');
      await trx.insertInto('gateway').values({ name: 'local', region, connector_lanes: 2 }).execute();
      record({ entity: 'gateway', entityId: 'local', action: 'created' });
    });
    await addConnectors(store, ['a', 'b', 'c']);
    assert.deepEqual(await lanes(store), { a: 0, b: 1 });
    await inModelTransaction(store, systemActor, async ({ trx, record }) => {
      await trx.deleteFrom('connector').where('name', '=', 'a').execute();
      record({ entity: 'connector', entityId: 'a', action: 'deleted' });
    });
    assert.deepEqual(await lanes(store), { b: 1, c: 0 });
    await addConnectors(store, ['d']);
    assert.deepEqual(await lanes(store), { b: 1, c: 0 });
  });
});

async function addConnectors(store: Store, names: readonly string[]): Promise<void> {
  await inModelTransaction(store, systemActor, async ({ trx, record }) => {
    const network = await trx.insertInto('network').values({ name: 'n' }).returning('id').executeTakeFirstOrThrow();
    for (const name of names) {
      const region = trx.selectFrom('wpc').select('default_region');
      await trx.insertInto('connector').values({ name, network_id: network.id, region }).execute();
      record({ entity: 'connector', entityId: name, action: 'created' });
    }
  });
}

async function lanes(store: Store): Promise<Record<string, number>> {
  const rows = await store.database
    .selectFrom('lane_assignment')
    .innerJoin('connector', 'connector.id', 'lane_assignment.connector_id')
    .select(['connector.name', 'lane_assignment.lane'])
    .orderBy('connector.name')
    .execute();
  return Object.fromEntries(rows.map(({ name, lane }) => [name, lane]));
}
