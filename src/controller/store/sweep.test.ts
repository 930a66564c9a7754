import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from './model-transaction.ts';
import { sweep } from './sweep.ts';
import { testDatabase } from './test-database.ts';

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
