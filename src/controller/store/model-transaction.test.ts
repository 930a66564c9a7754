import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor } from '../principal.ts';
import { systemActor } from '../principal.ts';
import { appendEvents, inModelTransaction } from './model-transaction.ts';
import type { Store } from './store.ts';
import { testDatabase } from './test-database.ts';

async function addNetwork(store: Store, name: string, actor: Actor = systemActor): Promise<number> {
  return await inModelTransaction(store, actor, async (change) => {
    const { id } = await change.trx.insertInto('network').values({ name }).returning('id').executeTakeFirstOrThrow();
    change.record({ entity: 'network', entityId: id, action: 'created', after: { name } });
    return change.revision;
  });
}

async function position(store: Store): Promise<{ revision: number; events: number[] }> {
  const { revision } = await store.database.selectFrom('wpc').select('revision').executeTakeFirstOrThrow();
  const events = await store.database.selectFrom('event').select('seq').orderBy('seq').execute();
  return { revision, events: events.map(({ seq }) => seq) };
}

test('a change bumps the revision once, however many rows it writes, and records events and audit', async () => {
  await using database = await testDatabase();
  const { store } = database;
  const actor: Actor = {
    principal: { kind: 'api-credential', id: 'c1', name: 'terraform', permissions: ['all:modify'], authority: 'OWNER' },
    sourceAddress: '192.0.2.7',
    requestId: 'r1',
  };
  await inModelTransaction(store, actor, async (change) => {
    assert.equal(change.revision, 1);
    for (const name of ['a', 'b']) {
      const { id } = await change.trx.insertInto('network').values({ name }).returning('id').executeTakeFirstOrThrow();
      change.record({ entity: 'network', entityId: id, action: 'created', after: { name } });
    }
  });
  assert.deepEqual(await position(store), { revision: 1, events: [1, 2] });
  const audit = await store.database.selectFrom('audit').selectAll().orderBy('id').execute();
  assert.deepEqual(
    audit.map(({ principal_name, source_address, request_id, action, after }) => ({
      principal_name,
      source_address,
      request_id,
      action,
      after,
    })),
    ['a', 'b'].map((name) => ({
      principal_name: 'terraform',
      source_address: '192.0.2.7',
      request_id: 'r1',
      action: 'created',
      after: { name },
    })),
  );
});

test('a change that fails leaves no row, no revision, no event and no audit', async () => {
  await using database = await testDatabase();
  const { store } = database;
  const failing = inModelTransaction(store, systemActor, async (change) => {
    await change.trx.insertInto('network').values({ name: 'lost' }).execute();
    change.record({ entity: 'network', entityId: 'lost', action: 'created' });
    throw new Error('changed my mind');
  });
  await assert.rejects(failing, /changed my mind/);
  assert.deepEqual(await position(store), { revision: 0, events: [] });
  assert.deepEqual(await store.database.selectFrom('network').selectAll().execute(), []);
  assert.deepEqual(await store.database.selectFrom('audit').selectAll().execute(), []);
});

test('a change that writes nothing keeps the revision', async () => {
  await using database = await testDatabase();
  await inModelTransaction(
    database.store,
    systemActor,
    async (change) => await change.trx.selectFrom('network').selectAll().execute(),
  );
  assert.deepEqual(await position(database.store), { revision: 0, events: [] });
});

test('a change that does not say what it did is refused', async () => {
  await using database = await testDatabase();
  const silent = inModelTransaction(database.store, systemActor, async (change) => {
    await change.trx.insertInto('network').values({ name: 'silent' }).execute();
  });
  await assert.rejects(silent, /has to record what it did/);
  assert.deepEqual(await database.store.database.selectFrom('network').selectAll().execute(), []);
});

test('the database refuses a write to the model outside a model transaction, also by a cascade', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await addNetwork(store, 'HQ');
  const refusal = /table network belongs to the model and is written only in a model transaction/;
  await assert.rejects(store.database.insertInto('network').values({ name: 'x' }).execute(), refusal);
  await assert.rejects(store.database.updateTable('network').set({ name: 'x' }).execute(), refusal);
  await assert.rejects(store.database.deleteFrom('network').execute(), refusal);
  // The permission ends with its transaction, also on a connection that goes back to the pool.
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      await assert.rejects(store.database.insertInto('network').values({ name: 'x' }).execute(), refusal);
    }),
  );
});

test('many writers at once get one revision each, in the order of their events', async () => {
  await using database = await testDatabase();
  const { store } = database;
  const revisions = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => await addNetwork(store, `n${String(index)}`)),
  );
  assert.deepEqual(
    revisions.toSorted((a, b) => a - b),
    Array.from({ length: 30 }, (_, index) => index + 1),
  );
  const events = await store.database.selectFrom('event').select(['seq', 'revision']).orderBy('seq').execute();
  assert.deepEqual(
    events,
    Array.from({ length: 30 }, (_, index) => ({ seq: index + 1, revision: index + 1 })),
  );
});

test('events without a change have their number and keep the revision', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await addNetwork(store, 'HQ');
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      await appendEvents(store, [{ topic: 'session.began', entity: 'session', entityId: String(index), payload: { index } }]);
    }),
  );
  assert.deepEqual(await position(store), { revision: 1, events: Array.from({ length: 11 }, (_, index) => index + 1) });
});
