import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { connectionString, startEmbeddedPostgres } from '../../postgres/embedded-postgres.ts';
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from '../../postgres/embedded-postgres.ts';
import { openPool } from './database.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migrate.ts';
import { whenReachable } from './when-reachable.ts';

/**
 * What ends a migration half-way, made real: the process that migrates is killed, the server is killed, the disk is full. A small file system
 * of its own holds the cluster, with fsync.
 */
const nobody = { name: 'nobody', uid: 65534, gid: 65534 };
/** A cluster takes 40 MB, and what it begins with of its log 16 to 32; the migrations below want more than what is left. */
const size_MiB = 130;
let directory = '';
let options: EmbeddedPostgresOptions;
let server: EmbeddedPostgres;

before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'cw-migrate-'));
  await chmod(directory, 0o755);
  const disk = path.join(directory, 'disk');
  await mkdir(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(size_MiB)}m`, 'cw-migrate', disk]);
  await chown(disk, nobody.uid, nobody.gid);
  options = {
    dataDir: path.join(disk, 'data'),
    socketDir: path.join(directory, 'sock'),
    libraryDir: path.join(directory, 'lib'),
    durable: true,
    user: nobody,
  };
  server = await startEmbeddedPostgres(options);
  await onServer(async (pool) => await migrate(pool, [first]));
});

after(async () => {
  await server.stop();
  execFileSync('umount', [path.join(directory, 'disk')]);
  await rm(directory, { recursive: true, force: true });
});

function migration(number: number, sql: string): Migration {
  const name = `${String(number).padStart(4, '0')}_of_this_test.sql`;
  return { number, name, breaking: false, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}

const first = migration(1, 'create table kept (n int); insert into kept values (7)');
/** Two changes, and a wait in the middle of the second, for a lock that the test holds. */
const changes = [
  migration(2, 'create table second (n int)'),
  migration(3, 'alter table kept add column m int; select pg_advisory_lock(4711)'),
];

async function onServer<Result>(body: (pool: pg.Pool) => Promise<Result>): Promise<Result> {
  const pool = openPool({ connectionString: connectionString(options.socketDir), maxConnections: 1 });
  try {
    return await body(pool);
  } finally {
    await pool.end();
  }
}

async function schema(): Promise<string[]> {
  return await onServer(async (pool) => {
    const { rows } = await pool.query<{ what: string }>(
      `select table_name || '.' || column_name as what from information_schema.columns
       where table_schema = 'public' and table_name <> 'schema_migration'
       union all select name from schema_migration order by 1`,
    );
    return rows.map(({ what }) => what);
  });
}

const oldSchema = ['0001_of_this_test.sql', 'kept.n'];

/** A process that migrates, as the controller does, and the connection that holds it up half-way. */
async function halfWay(): Promise<{ readonly child: ChildProcess; readonly holder: pg.Client }> {
  const holder = new pg.Client({ connectionString: connectionString(options.socketDir) });
  holder.on('error', () => undefined);
  await holder.connect();
  await holder.query('select pg_advisory_lock(4711)');
  const program = `import { openPool } from ${JSON.stringify(path.join(import.meta.dirname, 'database.ts'))};
    import { migrate } from ${JSON.stringify(path.join(import.meta.dirname, 'migrate.ts'))};
    const pool = openPool({ connectionString: process.argv[1], maxConnections: 1 });
    await migrate(pool, JSON.parse(process.argv[2]));`;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', program, '--', connectionString(options.socketDir), JSON.stringify([first, ...changes])],
    { stdio: 'ignore' },
  );
  const giveUpAt = performance.now() + 20_000;
  const waits = `select from pg_locks where locktype = 'advisory' and objid = 4711 and not granted`;
  while ((await holder.query(waits)).rowCount === 0) {
    assert.equal(child.exitCode, null, 'the process that migrates has ended before it was half-way');
    assert.ok(performance.now() < giveUpAt, 'the migration was not half-way after 20 s');
    await delay(20);
  }
  return { child, holder };
}

/** The next start, which waits for nobody, and back again for the next test. */
async function goOn(): Promise<void> {
  const applied = await onServer(async (pool) => (await migrate(pool, [first, ...changes])).applied);
  assert.deepEqual(
    applied,
    changes.map(({ name }) => name),
  );
  assert.deepEqual(await schema(), [...applied, ...oldSchema, 'kept.m', 'second.n'].toSorted());
  await onServer(async (pool) => {
    await pool.query('drop table second; alter table kept drop column m; delete from schema_migration where number > 1');
  });
}

test('the process that migrates is killed half-way: the schema is the old one, and the next start goes on', async () => {
  const { child, holder } = await halfWay();
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  // Its server process finishes the statement that it was at, and finds nobody to commit it.
  await holder.query('select pg_advisory_unlock(4711)');
  await holder.end();
  assert.deepEqual(await schema(), oldSchema);
  await goOn();
});

test('the server is killed half-way: the schema is the old one, and the next start goes on', async () => {
  const { child, holder } = await halfWay();
  const ended = once(child, 'exit');
  process.kill(server.pid, 'SIGKILL');
  await server.exited;
  assert.notDeepEqual(await ended, [0, null]);
  await holder.end().catch(() => undefined);
  server = await startEmbeddedPostgres(options);
  assert.deepEqual(await schema(), oldSchema);
  await goOn();
});

/** Fills the disk but for what the sizes say, until `body` has ended. */
async function onFullDisk(left_MiB: number, body: () => Promise<void>): Promise<void> {
  const filler = path.join(directory, 'disk', 'filler');
  const free_KiB = Number(
    execFileSync('df', ['--output=avail', path.dirname(filler)])
      .toString()
      .trim()
      .split('\n')
      .at(-1),
  );
  await writeFile(filler, Buffer.alloc(free_KiB * 1024 - left_MiB * 1024 * 1024));
  try {
    await body();
  } finally {
    await rm(filler);
  }
}

/** Written into a table that is older than the transaction, so that it goes into the log as well. */
const logged = migration(2, `insert into kept select generate_series(1, 3000000)`);
/** A table of the same transaction has no log (wal_level minimal): only its own file grows. */
const unlogged = migration(2, `create table large as select repeat('x', 1000) as text from generate_series(1, 200000)`);

for (const [what, large, left_MiB] of [
  ['a new table does not fit', unlogged, 20],
  ['not one more page fits', unlogged, 0],
  ['the log does not fit', logged, 20],
] as const) {
  test(`the disk is full, ${what}: an error that says so, the old schema and every row, and with room it goes on`, async () => {
    await onFullDisk(left_MiB, async () => {
      await assert.rejects(
        onServer(async (pool) => await migrate(pool, [first, large])),
        /migration 0002_of_this_test\.sql: .*No space left on device; the schema stays as it was|Connection terminated/,
      );
    });
    // A full log ends the server's processes; it starts them again by itself.
    const recovered = { patience_ms: 20_000, onWait: () => undefined, signal: new AbortController().signal };
    assert.deepEqual(await whenReachable(schema, recovered), oldSchema);
    const kept = await onServer(async (pool) => (await pool.query('select n from kept')).rows);
    assert.deepEqual(kept, [{ n: 7 }]);
    await goOn();
  });
}
