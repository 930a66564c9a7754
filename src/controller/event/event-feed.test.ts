import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { sql } from 'kysely';
import { appendEvents } from '../store/model-transaction.ts';
import { testDatabase } from '../store/test-database.ts';
import { countQueries } from '../store/test-query-count.ts';
import { startWakeUp } from '../store/wake-up.ts';
import { EventFeed } from './event-feed.ts';
import type { FeedOptions } from './event-feed.ts';
import { follow } from './test-follow.ts';
import type { Followed } from './test-follow.ts';

const root = { kind: 'local-root', key: '' } as const;

/** A feed on a real database behind a real server: `/?from=N` opens a stream. */
async function testFeed(options: Partial<FeedOptions> = {}) {
  const database = await testDatabase();
  const counted = countQueries(database.store.database);
  const store = { ...database.store, database: counted.database };
  const wakeUp = await startWakeUp(database.store, { connectionString: database.connectionString });
  const troubles: unknown[] = [];
  const feed = new EventFeed({ store, wakeUp, onTrouble: (error) => troubles.push(error), ...options });
  let open = 0;
  const server = http.createServer((request, response) => {
    open += 1;
    response.on('close', () => (open -= 1));
    const from = new URL(request.url ?? '', 'http://x').searchParams.get('from');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    feed.open(response, root, from === null ? undefined : Number(from));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const happen = async (count: number, padding = '') =>
    await appendEvents(
      database.store,
      Array.from({ length: count }, (_, index) => ({
        topic: 'session.began',
        entity: 'session',
        entityId: String(index),
        payload: { padding },
      })),
    );
  return {
    database,
    feed,
    troubles,
    port,
    /** How many readers the server has. */
    readers: () => open,
    queries: counted.take,
    happen,
    url: (from?: number) => `http://127.0.0.1:${String(port)}/${from === undefined ? '' : `?from=${String(from)}`}`,
    [Symbol.asyncDispose]: async () => {
      await feed.close();
      server.closeAllConnections();
      server.close();
      await wakeUp.close();
      await database.close();
    },
  };
}

async function ids(stream: Followed, count: number): Promise<string[]> {
  const found: string[] = [];
  while (found.length < count) {
    const message = await stream.next();
    if (message === undefined)
      throw new Error(`the stream ended after ${String(found.length)} messages, the last ${found.at(-1) ?? ''}`);
    found.push(`${message.event} ${message.id}`);
  }
  return found;
}

test('a stream says its place, gives what was missed, then what happens, each event once and in order', async () => {
  await using feed = await testFeed({ batch: 2 });
  await feed.happen(5);
  const resumed = await follow(feed.url(1));
  assert.deepEqual(await ids(resumed, 5), ['position 1', 'message 2', 'message 3', 'message 4', 'message 5']);
  const fresh = await follow(feed.url());
  const [position] = await ids(fresh, 1);
  assert.match(position ?? '', /^position [05]$/);
  await feed.happen(2);
  assert.deepEqual(await ids(resumed, 2), ['message 6', 'message 7']);
  resumed.close();
  fresh.close();
});

test('readers at different places share the batches, and a wake-up is one query for all of them', async () => {
  await using feed = await testFeed({ batch: 100 });
  await feed.happen(30);
  const streams = await Promise.all(Array.from({ length: 20 }, async (_, index) => await follow(feed.url(index))));
  for (const [index, stream] of streams.entries()) await ids(stream, 31 - index);
  feed.queries();
  await feed.happen(3);
  for (const stream of streams) assert.deepEqual(await ids(stream, 3), ['message 31', 'message 32', 'message 33']);
  // One for the batch; local root has no credential to look at. A wake-up may come twice, by NOTIFY and by the poll.
  assert.ok(feed.queries() <= 2);
  for (const stream of streams) stream.close();
});

test('a reader that is far behind holds nobody up, and another one is not sent what it has', async () => {
  await using feed = await testFeed({ batch: 3 });
  await feed.happen(10);
  const [first, last] = await Promise.all([follow(feed.url(0)), follow(feed.url(9))]);
  assert.deepEqual(await ids(last, 2), ['position 9', 'message 10']);
  assert.deepEqual(
    (await ids(first, 11)).slice(1),
    Array.from({ length: 10 }, (_, index) => `message ${String(index + 1)}`),
  );
  first.close();
  last.close();
});

test('who was away for longer than events are kept is told so, and goes on from the last one', async () => {
  await using feed = await testFeed();
  await feed.happen(10);
  await sql`delete from event where seq <= 6`.execute(feed.database.store.database);
  const late = await follow(feed.url(3));
  assert.deepEqual(await ids(late, 2), ['position 3', 'reset 10']);
  const justInTime = await follow(feed.url(6));
  assert.deepEqual(await ids(justInTime, 5), ['position 6', 'message 7', 'message 8', 'message 9', 'message 10']);
  await sql`delete from event`.execute(feed.database.store.database);
  const afterAll = await follow(feed.url(8));
  assert.deepEqual(await ids(afterAll, 2), ['position 8', 'reset 10']);
  await feed.happen(1);
  for (const stream of [late, justInTime, afterAll]) {
    assert.deepEqual(await ids(stream, 1), ['message 11']);
    stream.close();
  }
});

test('a place beyond the last event is of another database: the reader is told to begin anew', async () => {
  await using feed = await testFeed();
  await feed.happen(2);
  const stream = await follow(feed.url(1_000));
  assert.deepEqual(await ids(stream, 2), ['position 1000', 'reset 2']);
  await feed.happen(1);
  assert.deepEqual(await ids(stream, 1), ['message 3']);
  stream.close();
});

test('a reader that takes nothing is cut, while others go on, and it resumes where it was', { timeout: 60_000 }, async () => {
  await using feed = await testFeed({ heartbeat_ms: 50, stalled_ms: 1_000, batch: 100 });
  const stuck = net.connect(feed.port, '127.0.0.1');
  await once(stuck, 'connect');
  stuck.pause();
  stuck.on('error', () => undefined);
  stuck.write('GET /?from=0 HTTP/1.1\r\nHost: x\r\n\r\n');
  const reading = await follow(feed.url(0));
  const everything = ids(reading, 2_001);
  const padding = 'x'.repeat(10_000);
  // More than the buffers of both ends hold.
  for (let round = 0; round < 20; round += 1) await feed.happen(100, padding);
  assert.equal((await everything).at(-1), 'message 2000');
  // The cut is what makes `close` come: what it had in its buffers is read only afterwards.
  while (feed.readers() > 1) await new Promise((resolve) => setImmediate(resolve));
  stuck.resume();
  let read = '';
  stuck.on('data', (chunk: Buffer) => (read = (read + chunk.toString()).slice(-100_000)));
  await once(stuck, 'close');
  const last = Number([...read.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1]);
  assert.ok(last < 2_000, String(last));
  const resumed = await follow(feed.url(last));
  assert.deepEqual(await ids(resumed, 2), [`position ${String(last)}`, `message ${String(last + 1)}`]);
  resumed.close();
  reading.close();
});

test('a quiet stream tells that it is alive, and keeps its place', async () => {
  await using feed = await testFeed({ heartbeat_ms: 50 });
  await feed.happen(1);
  const stream = await follow(feed.url(1));
  assert.equal((await stream.nextOfAll())?.event, 'position');
  for (let beat = 0; beat < 3; beat += 1) assert.deepEqual(await stream.nextOfAll(), { event: 'heartbeat', id: '', data: '{}' });
  await feed.happen(1);
  assert.deepEqual(await ids(stream, 1), ['message 2']);
  stream.close();
});

test('closing ends every stream in order', async () => {
  await using feed = await testFeed();
  const streams = await Promise.all([follow(feed.url()), follow(feed.url())]);
  for (const stream of streams) await ids(stream, 1);
  await feed.feed.close();
  for (const stream of streams) {
    assert.equal(await stream.next(), undefined);
    assert.equal(stream.response.complete, true);
  }
});

test('trouble with the database ends no stream: it goes on when the database is back', async () => {
  await using feed = await testFeed({ heartbeat_ms: 50 });
  const stream = await follow(feed.url(0));
  await ids(stream, 1);
  const { database } = feed.database.store;
  await sql`alter table event rename to event_away`.execute(database);
  await sql`update wpc set event_seq = event_seq + 1`.execute(database);
  feed.database.store.announce();
  while (feed.troubles.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await database.transaction().execute(async (trx) => {
    await sql`alter table event_away rename to event`.execute(trx);
    await sql`insert into event (seq, revision, topic, entity, entity_id) values (1, 0, 'a.b', 'a', 'x')`.execute(trx);
  });
  assert.deepEqual(await ids(stream, 1), ['message 1']);
  stream.close();
});
