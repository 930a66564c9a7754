import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { testDatabase } from '../store/test-database.ts';
import { clearAllowance, returnAllowance, takeAllowance } from './allowance.ts';

const allowance = { key: 'a', burst: 3, refill_s: 60 };

test('attempts at once are counted one by one, and those beyond the burst are refused', async () => {
  await using database = await testDatabase();
  const db = database.store.database;
  const taken = await Promise.all(Array.from({ length: 10 }, async () => await takeAllowance(db, allowance)));
  assert.equal(taken.filter(({ allowed }) => allowed).length, 3);
  assert.deepEqual(await takeAllowance(db, { ...allowance, key: 'b' }), { allowed: true, used: 1 });
});

test('time gives attempts back, being refused takes none, and success returns its own or forgets all', async () => {
  await using database = await testDatabase();
  const db = database.store.database;
  const take = async () => (await takeAllowance(db, allowance)).allowed;
  const pass = async (seconds: number) =>
    await sql`update sign_in_allowance set at = at - ${`${String(seconds)} seconds`}::interval`.execute(db);
  for (let attempt = 0; attempt < 3; attempt += 1) assert.equal(await take(), true);
  assert.equal(await take(), false);
  await pass(60);
  assert.equal(await take(), true, 'one came back, although one was refused meanwhile');
  assert.equal(await take(), false);
  await returnAllowance(db, 'a');
  assert.equal(await take(), true);
  assert.equal(await take(), false);
  await clearAllowance(db, 'a');
  assert.equal(await take(), true);
  await pass(86_400);
  for (let attempt = 0; attempt < 3; attempt += 1) assert.equal(await take(), true, 'never more than the burst comes back');
  assert.equal(await take(), false);
});

test('the keys are not kept as they are', async () => {
  await using database = await testDatabase();
  await takeAllowance(database.store.database, { ...allowance, key: 'hunter2 in the wrong field' });
  const rows = await database.store.database.selectFrom('sign_in_allowance').select('key').execute();
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.key.toString('latin1').includes('hunter2'), false);
});
