import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPool } from './database.ts';
import { testDatabase } from './test-database.ts';

test('a connection that breaks while somebody holds it, between two queries, fails the next query and not the process', async () => {
  await using database = await testDatabase();
  const pool = openPool({ connectionString: database.connectionString, maxConnections: 2 });
  try {
    const held = await pool.connect();
    await held.query('begin');
    const { rows } = await held.query<{ pid: number }>('select pg_backend_pid() as pid');
    const broken = new Promise<void>((resolve) => held.once('end', () => resolve()));
    await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await broken;
    await assert.rejects(held.query('select 1'));
    held.release(true);
    // The pool is none the worse for it.
    assert.equal((await pool.query('select 1')).rowCount, 1);
  } finally {
    await pool.end();
  }
});
