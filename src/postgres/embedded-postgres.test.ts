import assert from 'node:assert/strict';
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { connectionString, startEmbeddedPostgres } from './embedded-postgres.ts';
import type { EmbeddedPostgresOptions } from './embedded-postgres.ts';

const unprivileged = process.getuid?.() === 0 ? { name: 'nobody', uid: 65534, gid: 65534 } : undefined;
let directory = '';
let options: EmbeddedPostgresOptions;

before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'cw-postgres-'));
  await chmod(directory, 0o755);
  if (unprivileged !== undefined) await chown(directory, unprivileged.uid, unprivileged.gid);
  options = {
    dataDir: path.join(directory, 'data'),
    socketDir: path.join(directory, 'sock'),
    libraryDir: path.join(directory, 'lib'),
    durable: false,
    ...(unprivileged === undefined ? {} : { user: unprivileged }),
  };
});

after(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function query(text: string): Promise<unknown[]> {
  const client = new pg.Client(connectionString(options.socketDir));
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

test('a first start makes the cluster, and the application is no superuser in it', async () => {
  const server = await startEmbeddedPostgres(options);
  try {
    assert.deepEqual(await query('select current_user::text, usesuper from pg_user where usename = current_user'), [
      'causeway',
      false,
    ]);
    assert.deepEqual(
      (await readdir(directory)).filter((name) => name.startsWith('data.')),
      [],
    );
  } finally {
    await server.stop();
  }
  assert.equal((await server.exited).code, 0);
});

test('what was committed is there after the server was killed, and the start that follows needs no help', async () => {
  const killed = await startEmbeddedPostgres({ ...options, durable: true });
  await query('create table kept (n int)');
  await query('insert into kept values (7)');
  process.kill(killed.pid, 'SIGKILL');
  assert.equal((await killed.exited).signal, 'SIGKILL');
  const server = await startEmbeddedPostgres({ ...options, durable: true });
  try {
    assert.deepEqual(await query('select n from kept'), [7]);
    // What makes an answer worth its word when the power fails.
    const settings = "name in ('fsync', 'full_page_writes', 'synchronous_commit')";
    assert.deepEqual(await query(`select name, setting from pg_settings where ${settings} order by name`), [
      'fsync',
      'on',
      'full_page_writes',
      'on',
      'synchronous_commit',
      'on',
    ]);
  } finally {
    await server.stop();
  }
});

test('a server that a dead caller has left running is stopped and replaced', async () => {
  const left = await startEmbeddedPostgres(options);
  const server = await startEmbeddedPostgres(options);
  try {
    assert.equal((await left.exited).code, 0);
    assert.deepEqual(await query('select 1'), [1]);
  } finally {
    await server.stop();
  }
});

test('nobody but the owner, root and the starter becomes superuser', {
  skip: unprivileged === undefined && 'needs root',
}, async () => {
  const server = await startEmbeddedPostgres(options);
  try {
    const client = new pg.Client({ host: options.socketDir, user: 'postgres', database: 'postgres' });
    await client.connect();
    const rules = await client.query("select user_name::text[] from pg_hba_file_rules where auth_method = 'trust'");
    await client.end();
    assert.deepEqual(rules.rows, [{ user_name: ['causeway'] }]);
  } finally {
    await server.stop();
  }
});

test('a start that cannot succeed says what the server said and leaves nothing running', async () => {
  await assert.rejects(startEmbeddedPostgres({ ...options, settings: { shared_buffers: '1kB' } }), /shared_buffers/);
});

test('a socket directory that is too long is refused before anything is made', async () => {
  await assert.rejects(startEmbeddedPostgres({ ...options, socketDir: `/tmp/${'x'.repeat(100)}` }), /longer than 90 bytes/);
});
