/**
 * What the portal's overview asks for, over HTTP on a real PostgreSQL with 5,000 devices, 4,000 of them connected, and 300 connectors: the map in
 * one answer, and searches. The alternative beside the map is the two calls that a portal without it would need at least, a page of devices
 * and the status. Also how long a change takes to reach 200 open streams of events.
 */
import { once } from 'node:events';
import http from 'node:http';
import { sql } from 'kysely';
import { eventStreamPath } from '../src/contract/api/event.ts';
import { appendEvents } from '../src/controller/store/model-transaction.ts';
import { testController } from '../src/controller/test-controller.ts';
import { figure, progress, ratios, report } from './report/figures.ts';

const rounds = 5;
const streams = 200;

await using controller = await testController();
const { store } = controller.deps;
const address = await controller.app.listen({ host: '127.0.0.1', port: 0 });
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const token = await controller.tokenWith(['all:read']);
const headers = { authorization: `Bearer ${token}` };

async function get(path: string): Promise<number> {
  const start = performance.now();
  const request = http.get(`${address}${path}`, { agent, headers });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`GET ${path} answered ${String(response.statusCode)}`);
  response.resume();
  await once(response, 'end');
  return performance.now() - start;
}

async function p95(requests: number, run: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < requests; index += 1) times.push(await run());
  return times.toSorted((a, b) => a - b)[Math.floor(requests * 0.95)] ?? Number.NaN;
}

progress('5,000 devices, 300 connectors');
await seed();
const map: number[] = [];
const separate: number[] = [];
const name: number[] = [];
const inNetwork: number[] = [];
const ofDevice: number[] = [];
const own = '/api/causeway/v1';
await p95(5, async () => await get(`${own}/overview`));
for (let round = 0; round < rounds; round += 1) {
  map.push(await p95(40, async () => await get(`${own}/overview`)));
  separate.push(await p95(40, async () => (await get('/api/v1/devices?size=1000')) + (await get(`${own}/status`))));
  name.push(await p95(40, async () => await get(`${own}/search?q=user49`)));
  inNetwork.push(await p95(40, async () => await get(`${own}/search?q=10.0.7.20`)));
  ofDevice.push(await p95(40, async () => await get(`${own}/search?q=100.97.3.7`)));
}
agent.destroy();

progress(`${String(streams)} streams of events`);
const told: number[] = [];
const readers = await Promise.all(Array.from({ length: streams }, async () => await follow()));
for (let round = 0; round < rounds; round += 1) {
  const start = performance.now();
  const all = readers.map(async (reader) => await reader.next());
  await appendEvents(store, [{ topic: 'bench.round', entity: 'bench', entityId: String(round) }]);
  await Promise.all(all);
  told.push(performance.now() - start);
}
for (const reader of readers) reader.close();

report('overview', [
  figure('p95 of the overview', 'ms', map, { atMost: 100 }),
  figure('p95 of 1,000 devices and the status (the alternative)', 'ms', separate),
  figure('overview against these two', 'times', ratios(map, separate)),
  figure('p95 of a search by a part of a name', 'ms', name, { atMost: 50 }),
  figure('p95 of a search for an address of a network', 'ms', inNetwork, { atMost: 50 }),
  figure('p95 of a search for the address of a device', 'ms', ofDevice, { atMost: 50 }),
  figure('an event on all of 200 streams', 'ms', told, { atMost: 1000 }),
]);

/** A reader whose `next` resolves with the next event; each has a token of its own, as 200 people would. */
async function follow(): Promise<{ next: () => Promise<void>; close: () => void }> {
  const authorization = `Bearer ${await controller.tokenWith(['event:read'])}`;
  const request = http.get(`${address}${eventStreamPath}`, { agent: false, headers: { authorization } });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const pieces: AsyncIterator<unknown> = response[Symbol.asyncIterator]();
  const next = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await pieces.next();
      if (done === true) throw new Error('a stream of events ended');
      // Not a heartbeat.
      if (String(value).includes('data: ')) return;
    }
  };
  // The place from which it goes on.
  await next();
  return { next, close: () => request.destroy() };
}

async function seed(): Promise<void> {
  const { database } = store;
  await database.transaction().execute(async (trx) => {
    await sql`select set_config('causeway.model_transaction', 'on', true)`.execute(trx);
    await sql`insert into gateway (name, region, reported_at) values ('bench', 'eu-central-1', now() + interval '1 hour')`.execute(
      trx,
    );
    await sql`insert into user_group (name) select 'group ' || n from generate_series(1, 20) n`.execute(trx);
    await sql`insert into app_user (username, group_id)
      select 'user' || n, (select id from user_group order by number offset n % 20 limit 1) from generate_series(1, 5000) n`.execute(
      trx,
    );
    await sql`insert into device (user_id, name) select id, 'laptop' from app_user order by number`.execute(trx);
    await sql`insert into tunnel_address (address, device_id) select '100.97.0.0'::inet + number, id from device`.execute(trx);
    await sql`insert into network (name) select 'site ' || n from generate_series(1, 200) n`.execute(trx);
    await sql`insert into network_route (network_id, prefix)
      select id, set_masklen('10.0.0.0'::inet + number * 256, 24)::cidr from network`.execute(trx);
    await sql`insert into connector (name, network_id, region) select name || ' a', id, 'eu-central-1' from network`.execute(trx);
    await sql`insert into connector (name, network_id, region) select name || ' b', id, 'us-east-1' from network
      where number % 2 = 0`.execute(trx);
    await sql`insert into tunnel_address (address, connector_id) select '100.96.0.0'::inet + 100 + number, id from connector`.execute(
      trx,
    );
    await sql`insert into session (gateway_id, key, lane, device_id, user_id, serial, state, client_address, region, started_at)
      select (select id from gateway), 'u0:1:' || id, 'u0', id, user_id, ${'ab'.repeat(16)}, 'established', '203.0.113.7', 'eu-central-1', now()
      from device where number % 5 > 0`.execute(trx);
    await sql`insert into session (gateway_id, key, lane, connector_id, serial, state, client_address, region, started_at)
      select (select id from gateway), 'c0:1:' || id, 'c0', id, ${'ab'.repeat(16)}, 'established', '203.0.113.7', 'eu-central-1', now()
      from connector`.execute(trx);
  });
  await sql`analyze`.execute(database);
}
