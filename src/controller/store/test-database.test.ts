import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import path from 'node:path';
import { testDatabase } from './test-database.ts';

test('each database is its own and has the current schema', async () => {
  await using one = await testDatabase();
  await using two = await testDatabase();
  await one.store.database
    .updateTable('region')
    .set({ name: 'changed' })
    .where('id', '=', one.store.database.selectFrom('region').select('id').limit(1))
    .execute();
  const changed = await two.store.database.selectFrom('region').selectAll().where('name', '=', 'changed').execute();
  assert.deepEqual(changed, []);
  assert.notEqual(one.name, two.name);
});

test('a process that is killed with its database open takes nothing from the others', async () => {
  await using mine = await testDatabase();
  const code = `const { testDatabase } = await import(${JSON.stringify(path.join(import.meta.dirname, 'test-database.ts'))});
    const database = await testDatabase(); console.log(database.name); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [name] = (await once(child.stdout, 'data')) as [Buffer];
  assert.match(String(name), /^test_/);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal((await mine.store.database.selectFrom('wpc').selectAll().execute()).length, 1);
});

test('a connection that a test leaves open fails that test', async () => {
  const database = await testDatabase();
  const { openPool } = await import('./database.ts');
  const pool = openPool({ connectionString: database.connectionString, maxConnections: 1 });
  await pool.query('select 1');
  await assert.rejects(database.close(), /left a connection to its database open/);
  // The forced drop has cut it.
  await pool.end();
});
