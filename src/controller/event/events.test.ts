import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemActor } from '../principal.ts';
import { appendEvents, inModelTransaction } from '../store/model-transaction.ts';
import { testController } from '../test-controller.ts';

type Answer = { events: { seq: number; revision: number; topic: string; entity: string; payload: object }[]; lastSeq: number };

test('events are read in the order of commits, each once, by going on from the last one', async () => {
  await using controller = await testController();
  const { store } = controller.deps;
  for (const name of ['a', 'b', 'c']) {
    await inModelTransaction(store, systemActor, async (change) => {
      const { id } = await change.trx.insertInto('network').values({ name }).returning('id').executeTakeFirstOrThrow();
      change.record({ entity: 'network', entityId: id, action: 'created' });
    });
  }
  await appendEvents(store, [{ topic: 'session.began', entity: 'session', entityId: 's', payload: { device: 'laptop' } }]);

  const seen: string[] = [];
  let since = 0;
  for (let round = 0; round < 3; round += 1) {
    const answer = (await controller.request('GET', `/api/causeway/v1/events?since=${String(since)}&limit=2`)).json() as Answer;
    seen.push(...answer.events.map(({ seq, revision, topic }) => `${String(seq)} ${String(revision)} ${topic}`));
    since = answer.lastSeq;
  }
  assert.deepEqual(seen, ['1 1 network.created', '2 2 network.created', '3 3 network.created', '4 3 session.began']);
  assert.equal(since, 4);
});

test('a number or limit that cannot be is refused with what can', async () => {
  await using controller = await testController();
  for (const query of ['since=-1', 'since=x', 'limit=1001', 'limit=']) {
    const answer = await controller.request('GET', `/api/causeway/v1/events?${query}`);
    assert.equal(answer.status, 400, query);
  }
});

test('a reader that comes back after its events were deleted is told how many it missed', async () => {
  await using controller = await testController();
  const { store } = controller.deps;
  const append = async (entityId: string) =>
    await appendEvents(store, [{ topic: 'session.began', entity: 'session', entityId, payload: {} }]);
  const since = async (seq: number) =>
    (await controller.request('GET', `/api/causeway/v1/events?since=${String(seq)}`)).json() as Answer & { missed: number };
  for (const id of ['a', 'b', 'c', 'd', 'e']) await append(id);
  assert.deepEqual([(await since(2)).missed, (await since(5)).missed, (await since(99)).missed], [0, 0, 0]);
  await store.database.deleteFrom('event').where('seq', '<=', 3).execute();
  assert.equal((await since(1)).missed, 2);
  assert.deepEqual([(await since(3)).missed, (await since(0)).missed], [0, 0]);
  await store.database.deleteFrom('event').execute();
  const { missed, lastSeq } = await since(1);
  assert.deepEqual({ missed, lastSeq }, { missed: 4, lastSeq: 5 });
  await append('f');
  assert.deepEqual((await since(lastSeq)).events.length, 1);
});
