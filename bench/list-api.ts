/**
 * The list API over HTTP on a real PostgreSQL: a page of 100 of 5,000 devices (design.md 12: p95 at most 50 ms), 4 devices (5 ms), and
 * 1,000 networks with their prefixes and connectors in one page. The named alternative beside the big list is the same page read by one
 * plain SQL query over the same kind of connection, without application, check of the token or JSON: what nobody can be faster than.
 */
import http from 'node:http';
import { sql } from 'kysely';
import type { Store } from '../src/controller/store/store.ts';
import { testController } from '../src/controller/test-controller.ts';
import { figure, progress, ratios, report } from './report/figures.ts';

const rounds = 5;
const requestsPerRound = 200;
const pages = 50;

await using controller = await testController();
const { store } = controller.deps;
const address = await controller.app.listen({ host: '127.0.0.1', port: 0 });
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const authorization = `Bearer ${await controller.tokenWith(['all:read'])}`;

/** get reads one answer to its end and gives the milliseconds. */
async function get(path: string): Promise<number> {
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    const request = http.get(`${address}${path}`, { agent, headers: { authorization } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`GET ${path} answered ${String(response.statusCode)}`));
      response.resume();
      response.on('end', resolve);
    });
    request.on('error', reject);
  });
  return performance.now() - start;
}

async function plainPage(page: number): Promise<number> {
  const start = performance.now();
  await sql`select d.id, d.user_id, d.client_uuid, d.name, d.description, t.address
    from device d join tunnel_address t on t.device_id = d.id order by d.number limit 100 offset ${page * 100}`.execute(
    store.database,
  );
  return performance.now() - start;
}

/** p95 of one round. */
async function p95(requests: number, run: (index: number) => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < requests; index += 1) times.push(await run(index));
  return times.toSorted((a, b) => a - b)[Math.floor(requests * 0.95)] ?? Number.NaN;
}

progress('4 devices');
await seed(store, 1, 4);
const few: number[] = [];
const bare: number[] = [];
await p95(50, async () => await get('/api/v1/devices'));
for (let round = 0; round < rounds; round += 1) {
  few.push(await p95(requestsPerRound, async () => await get('/api/v1/devices')));
  bare.push(await p95(requestsPerRound, async () => await get('/api/causeway/v1/healthz')));
}

progress('5,000 devices, 4,000 sessions, 1,000 networks');
await seed(store, 5, 5_000);
const many: number[] = [];
const plain: number[] = [];
const networks: number[] = [];
/** What the portal asks of a long list: devices searched and sorted, users sorted by group, and the last page. */
const looks = [
  '/api/causeway/v1/devices?size=100&sort=-name&q=ser4',
  '/api/causeway/v1/devices?size=100&sort=seen&state=online',
  '/api/v1/users?size=100&sort=group&q=user',
  '/api/v1/users?size=100&sort=-username&page=49',
  '/api/v1/networks?size=100&sort=-state&q=10.0',
];
const looked: number[] = [];
await p95(50, async (index) => await get(`/api/v1/devices?size=100&page=${String(index % pages)}`));
for (let round = 0; round < rounds; round += 1) {
  many.push(await p95(requestsPerRound, async (index) => await get(`/api/v1/devices?size=100&page=${String(index % pages)}`)));
  plain.push(await p95(requestsPerRound, async (index) => await plainPage(index % pages)));
  looked.push(await p95(25, async (index) => await get(looks[index % looks.length] ?? '')));
  networks.push(await p95(20, async () => await get('/api/v1/networks?size=1000')));
}
agent.destroy();

report('list-api', [
  figure('p95 of a page of 100 of 5,000 devices', 'ms', many, { atMost: 50 }),
  figure('p95 of the same page by plain SQL (the alternative)', 'ms', plain),
  figure('API against plain SQL', 'times', ratios(many, plain)),
  figure('p95 of a list of 4 devices', 'ms', few, { atMost: 5 }),
  figure('p95 of an answer without token and database (healthz)', 'ms', bare),
  figure('p95 of a page of 5,000 devices, 5,000 users or 1,000 networks, searched and sorted', 'ms', looked),
  figure('p95 of 1,000 networks with prefix and connector in one page', 'ms', networks),
]);

/** seed fills in rows first..last, each a device of a user of its own; four in five are connected. Networks come with the many. */
async function seed({ database }: Store, first: number, last: number): Promise<void> {
  await database.transaction().execute(async (trx) => {
    await sql`select set_config('causeway.model_transaction', 'on', true)`.execute(trx);
    await sql`insert into gateway (name, region, reported_at) values ('bench', 'eu-central-1', now() + interval '1 hour')
      on conflict do nothing`.execute(trx);
    await sql`insert into app_user (username, group_id)
      select 'user' || n, (select id from user_group order by number limit 1)
      from generate_series(${first}::int, ${last}::int) n`.execute(trx);
    await sql`insert into device (user_id, name, description) select id, 'laptop', 'of ' || username from app_user
      where not exists (select from device where user_id = app_user.id) order by number`.execute(trx);
    await sql`insert into tunnel_address (address, device_id)
      select '100.97.0.0'::inet + row_number() over (order by number) + (select count(*) from tunnel_address), id from device
      where not exists (select from tunnel_address where device_id = device.id)`.execute(trx);
    await sql`insert into session (gateway_id, key, lane, device_id, serial, state, client_address, region, started_at)
      select (select id from gateway), 'u0:1:' || id, 'u0', id, ${'ab'.repeat(16)}, 'established', '203.0.113.7', 'eu-central-1', now()
      from device where number % 5 > 0 on conflict do nothing`.execute(trx);
    if (last < 1000) return;
    await sql`insert into network (name) select 'site ' || n from generate_series(1, 1000) n`.execute(trx);
    await sql`insert into network_route (network_id, prefix)
      select id, set_masklen('10.0.0.0'::inet + number * 256, 24)::cidr from network`.execute(trx);
    await sql`insert into connector (name, network_id, region) select name, id, 'eu-central-1' from network`.execute(trx);
    await sql`insert into tunnel_address (address, connector_id)
      select '100.96.0.0'::inet + 100 + row_number() over (order by number), id from connector`.execute(trx);
  });
  await sql`analyze`.execute(database);
}
