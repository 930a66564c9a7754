import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPool } from './database.ts';
import { isDatabaseUnavailable } from './database-trouble.ts';
import { testDatabase } from './test-database.ts';
import { whenReachable } from './when-reachable.ts';

async function errorOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return assert.fail('it should have failed');
}

test('a server that is not there, and a session that it ends, may be tried again; a wrong statement may not', async () => {
  await using database = await testDatabase();
  const nowhere = openPool({ connectionString: 'postgres:///x?host=/nonexistent&user=causeway' });
  const refused = openPool({ connectionString: 'postgres://causeway@127.0.0.1:1/x' });
  const here = openPool({ connectionString: database.connectionString, maxConnections: 1 });
  try {
    assert.equal(isDatabaseUnavailable(await errorOf(async () => await nowhere.query('select 1'))), true);
    assert.equal(isDatabaseUnavailable(await errorOf(async () => await refused.query('select 1'))), true);
    assert.equal(
      isDatabaseUnavailable(await errorOf(async () => await here.query('select pg_terminate_backend(pg_backend_pid())'))),
      true,
    );
    assert.equal(isDatabaseUnavailable(await errorOf(async () => await here.query('select nonsense'))), false);
    assert.equal(isDatabaseUnavailable(await errorOf(async () => await here.query('select 1/0'))), false);
  } finally {
    await Promise.all([nowhere.end(), refused.end(), here.end()]);
  }
  assert.equal(isDatabaseUnavailable('text'), false);
});

test('work is repeated until the database is there, and any other failure ends it at once', async () => {
  const unavailable = Object.assign(new Error('the database system is starting up'), { code: '57P03' });
  let attempts = 0;
  const options = { patience_ms: 10_000, onWait: () => undefined, signal: new AbortController().signal };
  const result = await whenReachable(async () => {
    attempts += 1;
    if (attempts < 3) throw unavailable;
    return await Promise.resolve('done');
  }, options);
  assert.deepEqual([result, attempts], ['done', 3]);
  await assert.rejects(
    whenReachable(async () => await Promise.reject(new Error('edited migration')), options),
    /edited migration/,
  );
  await assert.rejects(
    whenReachable(async () => await Promise.reject(unavailable), { ...options, patience_ms: 0 }),
    /starting up/,
  );
});
