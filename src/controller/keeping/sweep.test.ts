import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { retentionKinds, retentionRules, retentionWith } from '../../core/retention.ts';
import { systemActor } from '../principal.ts';
import { appendEvents, inModelTransaction } from '../store/model-transaction.ts';
import { sweep } from './sweep.ts';
import { sweepConditions } from './sweep-hold.ts';
import { makeSmallWpc } from '../pki/test-pki.ts';
import { testDatabase } from '../store/test-database.ts';

test('what has expired goes, what is still shown or counted stays, and a second sweep changes nothing', async () => {
  await using database = await testDatabase();
  const { store } = database;
  const at = (age: string) => `now() - interval '${age}'`;
  await inModelTransaction(store, systemActor, async (change) => {
    for (const statement of [
      `insert into gateway (id, name, region) values ('00000000-0000-4000-8000-000000000001', 'g', 'us-mia')`,
      ...['29 days', '31 days'].map(
        (age) => `insert into session (gateway_id, key, lane, serial, state, client_address, region, started_at, ended_at)
          values ('00000000-0000-4000-8000-000000000001', '${age}', 'u0', 'x', 'ended', '', 'us-mia', ${at(age)}, ${at(age)})`,
      ),
      `insert into session (gateway_id, key, lane, serial, state, client_address, region, started_at)
        values ('00000000-0000-4000-8000-000000000001', 'live', 'u0', 'x', 'established', '', 'us-mia', ${at('90 days')})`,
      ...['65 minutes', '75 minutes'].map(
        (age) => `insert into traffic_sample (site_id, at, part, gateway_id)
          values ('00000000-0000-0000-0000-000000000000', ${at(age)}, 'people', '00000000-0000-4000-8000-000000000001')`,
      ),
      `insert into certificate (serial, not_before, not_after, revoked_at) values
        ('${'1'.repeat(32)}', ${at('90 days')}, ${at('8 days')}, now()), ('${'2'.repeat(32)}', ${at('90 days')}, ${at('6 days')}, now())`,
      `insert into api_credential (id, name, client_id, secret_sha256, permissions)
        values ('00000000-0000-4000-8000-000000000002', 'c', 'c', decode(repeat('00', 32), 'hex'), '{}')`,
      ...['00', '11'].map(
        (byte, index) => `insert into access_token (token_sha256, api_credential_id, expires_at)
          values (decode(repeat('${byte}', 32), 'hex'), '00000000-0000-4000-8000-000000000002', ${at(`${String(index * 2)} days`)})`,
      ),
      `insert into app_user (id, username, group_id)
        select '00000000-0000-4000-8000-000000000003', 'u', id from user_group limit 1`,
      ...['29 days', '31 days'].map(
        (age) => `insert into mail (kind, user_id, recipient, state, answer, settled_at, expires_at)
          values ('invitation', '00000000-0000-4000-8000-000000000003', '${age}', 'sent', '', ${at(age)}, ${at(age)})`,
      ),
      ...['29 days', '31 days'].map(
        (age, index) => `insert into invitation (token_sha256, user_id, expires_at, ended_at, ended_by)
          values (decode(repeat('0${String(index)}', 32), 'hex'), '00000000-0000-4000-8000-000000000003', ${at(age)}, now(), 'replaced')`,
      ),
    ]) {
      await sql.raw(statement).execute(change.trx);
    }
    change.record({ entity: 'test', entityId: 'test', action: 'written' });
  });
  await sweep(store);
  await sweep(store);
  const sessions = await store.database.selectFrom('session').select('key').orderBy('key').execute();
  assert.deepEqual(
    sessions.map(({ key }) => key),
    ['29 days', 'live'],
  );
  assert.equal((await store.database.selectFrom('traffic_sample').selectAll().execute()).length, 1);
  const certificates = await store.database.selectFrom('certificate').select('serial').execute();
  assert.deepEqual(certificates, [{ serial: '2'.repeat(32) }]);
  assert.equal((await store.database.selectFrom('access_token').selectAll().execute()).length, 1);
  assert.deepEqual(await store.database.selectFrom('mail').select('recipient').execute(), [{ recipient: '29 days' }]);
  assert.equal((await store.database.selectFrom('invitation').selectAll().execute()).length, 1);
  assert.equal((await store.database.selectFrom('wpc').select('revision').executeTakeFirstOrThrow()).revision, 2);
});

test('what people signed in with goes a day after its end, and not before', async () => {
  await using database = await testDatabase();
  const { store } = database;
  const user = '00000000-0000-4000-8000-000000000003';
  const bytes = (byte: string) => `decode(repeat('${byte}', 32), 'hex')`;
  await inModelTransaction(store, systemActor, async (change) => {
    for (const statement of [
      `insert into app_user (id, username, group_id) select '${user}', 'bob', id from user_group`,
      `insert into account (user_id, password_hash) values ('${user}', '$argon2id$v=19$x')`,
      ...['23 hours', '25 hours'].flatMap((age, index) => [
        `insert into web_session (token_sha256, user_id, state, expires_at) values (${bytes(`1${String(index)}`)}, '${user}', 'signed-in', now() - interval '${age}')`,
        `insert into browser (token_sha256, user_id, expires_at) values (${bytes(`2${String(index)}`)}, '${user}', now() - interval '${age}')`,
        `insert into sign_in_allowance (key, level, at) values (${bytes(`3${String(index)}`)}, 1, now() - interval '${age}' * 2)`,
      ]),
      `insert into one_time_link (token_sha256, purpose, user_id, expires_at) values (${bytes('40')}, 'password', '${user}', now() - interval '25 hours')`,
      `insert into one_time_link (token_sha256, purpose, expires_at) values (${bytes('41')}, 'set-up', now() - interval '23 hours')`,
    ])
      await sql.raw(statement).execute(change.trx);
    change.record({ entity: 'test', entityId: 'test', action: 'written' });
  });
  await sweep(store);
  for (const table of ['web_session', 'browser', 'sign_in_allowance', 'one_time_link', 'account'] as const) {
    assert.equal((await store.database.selectFrom(table).selectAll().execute()).length, 1, table);
  }
});

test('each kind is kept as long as the setting says, within its bounds', async () => {
  await using database = await testDatabase();
  const { store } = database;
  const ages = ['1 day', '3 days', '200 days', '500 days'];
  const wanted = { events: 2, audit: 300, sessions: 100_000 };
  for (const age of ages) {
    await sql`insert into event (seq, revision, topic, entity, entity_id, at)
      select coalesce(max(seq), 1000) + 1, 1, 't', 'e', ${age}, now() - ${age}::interval from event`.execute(store.database);
    await sql`insert into audit (at, principal_kind, principal_name, action, entity, entity_id)
      values (now() - ${age}::interval, 'system', 's', 'a', 'e', ${age})`.execute(store.database);
  }
  await sql`update wpc set retention = ${JSON.stringify(wanted)}`.execute(store.database);
  assert.deepEqual(await sweep(store), { event: 3, audit: 1 });
  assert.deepEqual(await store.database.selectFrom('event').select('entity_id').execute(), [{ entity_id: '1 day' }]);
  const audit = await store.database.selectFrom('audit').select('entity_id').orderBy('id').execute();
  assert.deepEqual(
    audit.map(({ entity_id }) => entity_id),
    ages.slice(0, 3),
  );
  assert.equal(retentionWith(wanted).sessions, retentionRules.sessions.most);
  for (const kind of retentionKinds) assert.equal(retentionWith({})[kind], retentionRules[kind].standard);
});

test('100,000 events go in batches while others write, and their space is given back', async (context) => {
  await using database = await testDatabase();
  const { store } = database;
  // Whoever holds the table is not waited for, and autovacuum may come by at any moment.
  await sql`alter table event set (autovacuum_enabled = false)`.execute(store.database);
  await sql`insert into event (seq, revision, topic, entity, entity_id, payload, at)
    select n, 1, 'session.began', 'session', 's' || n, jsonb_build_object('device', repeat('x', 100)), now() - interval '40 days'
    from generate_series(1, 100000) n`.execute(store.database);
  await sql`update wpc set event_seq = 100000`.execute(store.database);

  // Somebody works meanwhile: each wait is what the sweep costs them.
  let isOver = false;
  const startedAt = performance.now();
  const sweeping = sweep(store).finally(() => {
    isOver = true;
  });
  let longest_ms = 0;
  let written = 0;
  while (!isOver) {
    const began = performance.now();
    await appendEvents(store, [{ topic: 'session.began', entity: 'session', entityId: 'now', payload: {} }]);
    longest_ms = Math.max(longest_ms, performance.now() - began);
    written += 1;
  }
  const began = performance.now();
  assert.deepEqual(await sweeping, { event: 100_000 });
  const took_ms = began - startedAt;
  context.diagnostic(
    `100,000 events in ${String(Math.round(took_ms))} ms; an event written meanwhile waited ${String(Math.round(longest_ms))} ms at most`,
  );
  assert.ok(written > 20, `only ${String(written)} events could be written while 100,000 were deleted`);
  assert.deepEqual(await sweep(store), {}, 'a second sweep finds nothing');
  // Only a vacuum gives the space back, and autovacuum counts for itself. The server writes down such figures a moment later.
  let vacuums = 0;
  for (const giveUpAt = performance.now() + 10_000; vacuums === 0 && performance.now() < giveUpAt; await delay(50)) {
    const { rows } = await sql<{ count: number }>`select vacuum_count::int as count from pg_stat_user_tables
      where relname = 'event'`.execute(store.database);
    vacuums = rows[0]?.count ?? 0;
  }
  assert.equal(vacuums, 1, 'the table was not vacuumed within 10 s');
});

test('a sweep that is ended goes no further than its batch, and the next one does the rest', async () => {
  await using database = await testDatabase();
  const { store } = database;
  await sql`insert into event (seq, revision, topic, entity, entity_id, at)
    select n, 1, 't', 'e', 'x', now() - interval '40 days' from generate_series(1, 12000) n`.execute(store.database);
  const ended = new AbortController();
  ended.abort();
  assert.deepEqual(await sweep(store, ended.signal), {});
  const both = await Promise.all([sweep(store), sweep(store)]);
  // Two controllers at once share the rows and count each once.
  assert.equal(
    both.reduce((sum, { event = 0 }) => sum + event, 0),
    12_000,
  );
});

test('after a pause of months nothing is deleted for a day but what has ended in any case, so that a wrong clock can be set right', async () => {
  await using database = await testDatabase();
  const { store } = database;
  const swept = async (change: string) => await sql.raw(`update sweep_state set ${change}`).execute(store.database);
  await sql`insert into event (seq, revision, topic, entity, entity_id, at) values (1, 0, 't', 'e', 'x', now() - interval '1 year')`.execute(
    store.database,
  );
  await sql`insert into sign_in_allowance (key, level, at) values (decode(repeat('00', 32), 'hex'), 1, now() - interval '1 year')`.execute(
    store.database,
  );
  const conditions = async () => (await sweepConditions(store.database, new Date())).map(({ code }) => code);
  await swept(`swept_at = now() - interval '1 year'`);
  assert.deepEqual([await sweep(store), await conditions()], [{ sign_in_allowance: 1 }, ['sweep-held']]);
  assert.deepEqual(await sweep(store), {});
  // The clock was set right: the last sweep was not long ago.
  await swept(`swept_at = now() - interval '1 hour'`);
  await sql`update event set at = now()`.execute(store.database);
  assert.deepEqual([await sweep(store), await conditions()], [{}, []]);
  // It was switched off for a year: a day later everything takes its course.
  await swept(`swept_at = now() - interval '1 year', held_since = now() - interval '25 hours'`);
  await sql`update event set at = now() - interval '1 year'`.execute(store.database);
  assert.deepEqual([await sweep(store), await conditions()], [{ event: 1 }, []]);
  assert.equal(
    (await store.database.selectFrom('sweep_state').select('held_since').executeTakeFirstOrThrow()).held_since !== null,
    true,
  );
  await sweep(store);
  assert.deepEqual(await store.database.selectFrom('sweep_state').select('held_since').execute(), [{ held_since: null }]);
});

test('the last certificate of an agent stays after its end, and says which key is the connector’s', async () => {
  await using database = await testDatabase();
  const { store } = database;
  const { connector } = await makeSmallWpc(store);
  await inModelTransaction(store, systemActor, async (change) => {
    for (const [digit, age] of [
      ['1', '100 days'],
      ['2', '40 days'],
    ] as const) {
      await sql`insert into certificate (serial, connector_id, not_before, not_after, agent_certificate)
        values (${digit.repeat(32)}, ${connector}, now() - interval '200 days', now() - ${age}::interval, 'PEM')`.execute(
        change.trx,
      );
    }
    change.record({ entity: 'test', entityId: 'test', action: 'written' });
  });
  assert.deepEqual(await sweep(store), { certificate: 1 });
  assert.deepEqual(await store.database.selectFrom('certificate').select('serial').execute(), [{ serial: '2'.repeat(32) }]);
});
