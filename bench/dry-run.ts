/**
 * How long it takes to tell what a change would do (docs/portal.md, "What saving does"), over HTTP on a real PostgreSQL with 5,000 devices, 4,000
 * of them connected, and 300 connectors without our agent. It is asked while somebody types, and holds the lock of writers meanwhile. The
 * alternative beside it is making the same change.
 */
import { sql } from 'kysely';
import { testController } from '../src/controller/test-controller.ts';
import { figure, progress, ratios, report } from './report/figures.ts';
import { fillLargeWpc } from './shapes/large-wpc.ts';

const rounds = 3;
const requests = 10;

await using controller = await testController();
const { database } = controller.deps.store;
progress('5,000 devices, 300 connectors');
await fillLargeWpc(database);
await database.transaction().execute(async (trx) => {
  await sql`select set_config('causeway.model_transaction', 'on', true)`.execute(trx);
  await sql`insert into certificate (serial, device_id, connector_id, not_before, not_after)
    select md5(id::text), id, null, now(), now() + interval '1 day' from device
    union all select md5(id::text), null, id, now(), now() + interval '1 day' from connector`.execute(trx);
  await sql`update session set serial = md5(coalesce(device_id, connector_id)::text)`.execute(trx);
});
await sql`analyze`.execute(database);
const { id: network } = await database.selectFrom('network').select('id').orderBy('number').limit(1).executeTakeFirstOrThrow();
const { id: user } = await database.selectFrom('app_user').select('id').orderBy('number').limit(1).executeTakeFirstOrThrow();

async function p95(method: string, path: string, body?: object): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < requests; index += 1) {
    const start = performance.now();
    const { status, text } = await controller.request(method, path, body);
    times.push(performance.now() - start);
    if (status >= 300) throw new Error(`${method} ${path} answered ${String(status)}: ${text}`);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(requests * 0.95)] ?? Number.NaN;
}

const prefix: number[] = [];
const nat: number[] = [];
const suspended: number[] = [];
const made: number[] = [];
const details = `networks/${network}`;
await p95('PATCH', `/api/causeway/v1/dry-run/${details}`, { nat: 'routed' });
for (let round = 0; round < rounds; round += 1) {
  prefix.push(await p95('POST', `/api/v1/dry-run/networks/routes?networkId=${network}`, { value: '172.20.0.0/16' }));
  nat.push(await p95('PATCH', `/api/causeway/v1/dry-run/${details}`, { nat: 'routed' }));
  suspended.push(await p95('PUT', `/api/v1/dry-run/users/${user}/suspend`));
  const start = performance.now();
  await controller.request('PATCH', `/api/causeway/v1/${details}`, { nat: round % 2 === 0 ? 'routed' : 'masquerade' });
  made.push(performance.now() - start);
}

report('dry-run', [
  figure('p95 of a prefix more', 'ms', prefix, { atMost: 200 }),
  figure('p95 of NAT off', 'ms', nat, { atMost: 200 }),
  figure('p95 of a user suspended', 'ms', suspended, { atMost: 200 }),
  figure('NAT off, made', 'ms', made),
  figure('telling against making', 'times', ratios(nat, made)),
]);
