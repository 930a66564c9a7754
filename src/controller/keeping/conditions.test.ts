import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { housekeepingRoutes } from '../../contract/api/housekeeping.ts';
import { status } from '../../contract/cli/status.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import { call } from '../routes/test-api.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { TestController } from '../test-controller.ts';
import { testController } from '../test-controller.ts';
import { MachineWatch } from './machine-watch.ts';
import { lookAfter } from './watch-regularly.ts';

const day = 86_400_000;
const start = Date.parse('2026-11-27T12:00:00Z');

async function write(controller: TestController, ...statements: string[]): Promise<void> {
  await inModelTransaction(controller.deps.store, systemActor, async (change) => {
    for (const statement of statements) await sql.raw(statement).execute(change.trx);
    change.record({ entity: 'test', entityId: 'test', action: 'written' });
  });
}

/** What was told of conditions so far, in order. */
async function told(controller: TestController): Promise<string[]> {
  const events = await controller.deps.store.database
    .selectFrom('event')
    .select(['topic', 'entity', 'payload'])
    .where('topic', 'like', 'condition.%')
    .orderBy('seq')
    .execute();
  return events.map(({ topic, entity, payload }) => {
    const { code, level } = payload as { code: string; level?: string };
    return [topic.slice('condition.'.length), entity, code, level].filter((word) => word !== undefined && word !== '').join(' ');
  });
}

const serial = (digit: string) => digit.repeat(32);

test('the end of a profile is told 30, 7 and 1 days before, each once, until another profile is used', async () => {
  await using controller = await testController();
  const wpc = await makeSmallWpc(controller.deps.store);
  const end = new Date(start + 40 * day).toISOString();
  await write(
    controller,
    `insert into certificate (serial, device_id, not_before, not_after, first_used_at) values
      ('${serial('1')}', '${wpc.device}', now() - interval '1 day', '${end}', now())`,
    // Handed out, and never used: nobody waits for it.
    `insert into certificate (serial, connector_id, not_before, not_after) values
      ('${serial('2')}', '${wpc.connector}', now() - interval '1 day', '${end}')`,
  );
  let now = start;
  const look = async (days: number) => {
    now = start + days * day;
    await lookAfter({ ...controller.deps, clock: () => new Date(now) });
  };
  for (const days of [0, 10, 11, 33, 33, 39.5, 41]) await look(days);
  assert.deepEqual(
    await told(controller),
    ['30 days', '7 days', '1 days', 'ended'].map((level) => `began device certificate-expiring ${level}`),
  );
  const shown = status.parse((await controller.request('GET', '/api/causeway/v1/status')).json());
  const problem = shown.problems.find(({ code }) => code === 'certificate-expiring');
  assert.match(problem?.message ?? '', /^The profile of device laptop of bob ended on 2027-01-06, .*causeway device profile/);

  await write(
    controller,
    `insert into certificate (serial, device_id, not_before, not_after, first_used_at) values
      ('${serial('3')}', '${wpc.device}', now(), '2029-11-01', now())`,
  );
  await look(42);
  assert.equal((await told(controller)).at(-1), 'ended device certificate-expiring');
  assert.deepEqual((await call(controller, housekeepingRoutes.read)).conditions, []);
});

test('of a thousand profiles that end together status names a few and counts the rest', async () => {
  await using controller = await testController();
  const wpc = await makeSmallWpc(controller.deps.store);
  await write(
    controller,
    `insert into device (id, name, user_id) select gen_random_uuid(), 'd' || n, '${wpc.user}' from generate_series(1, 1000) n`,
    `insert into certificate (serial, device_id, not_before, not_after, first_used_at)
      select lpad(to_hex(row_number() over ()), 32, '0'), id, now(), now() + interval '20 days', now() from device where name like 'd_%'`,
  );
  const clock = () => new Date();
  await lookAfter({ ...controller.deps, clock });
  const { problems } = status.parse((await controller.request('GET', '/api/causeway/v1/status')).json());
  const own = problems.filter(({ code }) => code === 'certificate-expiring');
  assert.equal(own.length, 6);
  assert.match(own[5]?.message ?? '', /995 more/);
  assert.equal((await call(controller, housekeepingRoutes.read)).conditions.length, 1000);
});

test('an agent that does not renew is told of, and one whose credential has ended needs a new install line', async () => {
  await using controller = await testController();
  const wpc = await makeSmallWpc(controller.deps.store);
  const at = (days: number) => new Date(start + days * day).toISOString();
  await write(
    controller,
    `insert into certificate (serial, connector_id, not_before, not_after, first_used_at, agent_certificate) values
      ('${serial('1')}', '${wpc.connector}', '${at(-60)}', '${at(30)}', now(), 'PEM')`,
    `insert into agent_credential (connector_id, secret_sha256, expires_at)
      values ('${wpc.connector}', decode(repeat('00', 32), 'hex'), '${at(90)}')`,
  );
  for (const days of [0, 7, 8, 29.5, 31, 89, 91]) {
    await lookAfter({ ...controller.deps, clock: () => new Date(start + days * day) });
  }
  assert.deepEqual(await told(controller), [
    'began connector certificate-not-renewed 30 days',
    'began connector certificate-not-renewed 1 days',
    'began connector certificate-not-renewed ended',
    'began connector connector-shut-out',
  ]);
  const [condition] = (await call(controller, housekeepingRoutes.read)).conditions;
  assert.match(condition?.message ?? '', /credential ended on 2027-02-25.*causeway connector install "hq-1"/);
});

test('a certificate of the portal that was given is told of before it ends', async () => {
  await using controller = await testController();
  const directory = mkdtempSync(join(tmpdir(), 'cw-given-'));
  try {
    const files = { key: join(directory, 'tls.key'), cert: join(directory, 'tls.crt') };
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x'];
    execFileSync('openssl', [...request, '-days', '5', '-keyout', files.key, '-out', files.cert], { stdio: 'ignore' });
    const pem = readFileSync(files.cert, 'utf8');
    await lookAfter({ ...controller.deps, portalCertificate: () => pem });
    assert.deepEqual(await told(controller), ['began installation certificate-expiring 7 days']);
    // Our own has 5 days of 5 left: it is young.
    const installation = { ...controller.deps.installation, portalPin: 'sha256//x' };
    await lookAfter({ ...controller.deps, installation, portalCertificate: () => pem });
    assert.deepEqual((await told(controller)).at(-1), 'ended installation certificate-expiring');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('a clock that is a year off is told of, and nothing that is not old is deleted by it', async () => {
  await using controller = await testController();
  const { store } = controller.deps;
  // As if the last run had been in a year.
  await sql`insert into event (seq, revision, topic, entity, entity_id, at) values (1, 0, 't', 'e', 'x', now() + interval '1 year')`.execute(
    store.database,
  );
  await sql`update wpc set event_seq = 1`.execute(store.database);
  let wall = Date.now();
  let counter = 0;
  const machine = new MachineWatch([], { wall: () => wall, counter: () => counter });
  const look = async () => await lookAfter({ ...controller.deps, machine });
  await look();
  await look();
  assert.deepEqual(await told(controller), ['began installation clock-behind']);
  counter += 60_000;
  wall += 60_000 - 365 * day;
  await look();
  const codes = async () => (await call(controller, housekeepingRoutes.read)).conditions.map(({ code }) => code).toSorted();
  assert.deepEqual(await codes(), ['clock-behind', 'clock-differs', 'clock-jumped']);
  // Set right again, beyond what was recorded: all is over but the jump, and that for an hour.
  wall += 3 * 365 * day;
  counter += 60_000;
  await look();
  assert.deepEqual(await codes(), ['clock-differs', 'clock-jumped']);
});

test('a connector tells its clock, and one that is wrong is named', async () => {
  await using controller = await testController();
  const wpc = await makeSmallWpc(controller.deps.store);
  const say = async (seconds: number) =>
    await sql`insert into observation (connector_id, section, hash, body, observed_at)
      values (${wpc.connector}, 'agent', '', ${`agent=1\nkernel=6\nclock=${String(Math.round(Date.now() / 1000) + seconds)}\nservice=systemd`}, now())
      on conflict (connector_id, section) do update set body = excluded.body, observed_at = excluded.observed_at`.execute(
      controller.deps.store.database,
    );
  await say(-365 * 86_400);
  await lookAfter(controller.deps);
  const [condition] = (await call(controller, housekeepingRoutes.read)).conditions;
  assert.match(condition?.message ?? '', /^The clock of connector hq-1 is 365 days behind: /);
  await say(2);
  await lookAfter(controller.deps);
  assert.deepEqual(await told(controller), ['began connector clock-differs', 'ended connector clock-differs']);
});
