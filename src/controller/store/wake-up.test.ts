import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { systemActor } from '../principal.ts';
import { appendEvents, inModelTransaction } from './model-transaction.ts';
import type { Store } from './store.ts';
import { testDatabase } from './test-database.ts';
import { startWakeUp } from './wake-up.ts';
import type { Position, WakeUp } from './wake-up.ts';

async function addNetwork(store: Store, name: string): Promise<void> {
  await inModelTransaction(store, systemActor, async (change) => {
    const { id } = await change.trx.insertInto('network').values({ name }).returning('id').executeTakeFirstOrThrow();
    change.record({ entity: 'network', entityId: id, action: 'created' });
  });
}

/** A test of waiting never waits longer than this; what is tested happens in milliseconds. */
const bound_ms = 10_000;

async function reached(wakeUp: WakeUp, seen: Partial<Position>, what: string): Promise<Position> {
  const position = await wakeUp.waitBeyond(seen, bound_ms);
  assert.ok(
    position.revision > (seen.revision ?? Infinity) || position.eventSeq > (seen.eventSeq ?? Infinity),
    `not woken: ${what}`,
  );
  return position;
}

test('a commit wakes the readers of every controller, long before their poll', async () => {
  await using database = await testDatabase();
  const options = { connectionString: database.connectionString, poll_ms: 3_600_000 };
  const [one, two] = [await startWakeUp(database.store, options), await startWakeUp(database.store, options)];
  try {
    const woken = [reached(one, { revision: 0 }, 'first controller'), reached(two, { revision: 0 }, 'second controller')];
    await addNetwork(database.store, 'HQ');
    assert.deepEqual(await Promise.all(woken), [
      { revision: 1, eventSeq: 1 },
      { revision: 1, eventSeq: 1 },
    ]);
    // Events that are no change of the model wake those who wait for events alone.
    const event = reached(one, { eventSeq: 1 }, 'event');
    await appendEvents(database.store, [{ topic: 'session.began', entity: 'session', entityId: 's' }]);
    assert.deepEqual(await event, { revision: 1, eventSeq: 2 });
  } finally {
    await one.close();
    await two.close();
  }
});

test('a burst of commits is announced a few times only, and its end is never missed', async () => {
  await using database = await testDatabase();
  const wakeUp = await startWakeUp(database.store, { connectionString: database.connectionString, poll_ms: 3_600_000 });
  let calls = 0;
  const end = wakeUp.subscribe(() => (calls += 1));
  try {
    for (let index = 0; index < 100; index += 1) await addNetwork(database.store, `n${String(index)}`);
    while (wakeUp.position().revision < 100) await reached(wakeUp, { revision: wakeUp.position().revision }, 'end of the burst');
    assert.ok(calls >= 1 && calls < 100, `${String(calls)} calls for 100 commits`);
  } finally {
    end();
    await wakeUp.close();
  }
});

/** Ends the listening connection as an administrator would, once there is one: it is made beside the start, and anew after each cut. */
async function cutListener(store: Store, what: string): Promise<void> {
  const giveUpAt = performance.now() + bound_ms;
  for (;;) {
    const cut = await sql<{ count: number }>`select count(pg_terminate_backend(pid))::int as count from pg_stat_activity
      where datname = current_database() and query like 'listen %'`.execute(store.database);
    if (cut.rows[0]?.count === 1) return;
    assert.ok(performance.now() < giveUpAt, `${what}: no connection listens`);
    await delay(5);
  }
}

test('after its connection was cut it listens again; what was announced meanwhile is found', async () => {
  await using database = await testDatabase();
  const troubles: unknown[] = [];
  const wakeUp = await startWakeUp(database.store, {
    connectionString: database.connectionString,
    poll_ms: 3_600_000,
    onTrouble: (error) => troubles.push(error),
  });
  try {
    for (let round = 1; round <= 3; round += 1) {
      await cutListener(database.store, `round ${String(round)}`);
      await addNetwork(database.store, `n${String(round)}`);
      await reached(wakeUp, { revision: round - 1 }, `round ${String(round)}`);
    }
    assert.ok(troubles.length >= 3);
  } finally {
    await wakeUp.close();
  }
});

test('without any NOTIFY the poll finds the change', async () => {
  await using database = await testDatabase();
  const wakeUp = await startWakeUp(database.store, { connectionString: database.connectionString, poll_ms: 20 });
  try {
    const mute: Store = { ...database.store, announce: () => undefined };
    await addNetwork(mute, 'HQ');
    await reached(wakeUp, { revision: 0 }, 'poll');
  } finally {
    await wakeUp.close();
  }
});

test('waiting ends with its time, with its request, and when the controller stops', async () => {
  await using database = await testDatabase();
  const wakeUp = await startWakeUp(database.store, { connectionString: database.connectionString, poll_ms: 3_600_000 });
  assert.deepEqual(await wakeUp.waitBeyond({ revision: 0 }, 1), { revision: 0, eventSeq: 0 });
  const gone = new AbortController();
  const aborted = wakeUp.waitBeyond({ revision: 0 }, 3_600_000, gone.signal);
  gone.abort();
  assert.equal((await aborted).revision, 0);
  const stopping = wakeUp.waitBeyond({ revision: 0 }, 3_600_000);
  await wakeUp.close();
  assert.equal((await stopping).revision, 0);
});
