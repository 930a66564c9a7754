import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openPool } from './database.ts';
import { migrate, readMigrations } from './migrate.ts';
import type { Migration } from './migrate.ts';
import { testDatabase } from './test-database.ts';

const one: Migration = {
  number: 1,
  name: '0001_one.sql',
  breaking: true,
  sql: 'create table one (n int)',
  sha256: 'a'.repeat(64),
};
const two: Migration = {
  number: 2,
  name: '0002_two.sql',
  breaking: false,
  sql: 'create table two (n int)',
  sha256: 'b'.repeat(64),
};

async function onEmptyDatabase(
  body: (pool: ReturnType<typeof openPool>, connectionString: string) => Promise<void>,
): Promise<void> {
  await using database = await testDatabase({ template: 'empty' });
  const pool = openPool({ connectionString: database.connectionString, maxConnections: 1 });
  try {
    await body(pool, database.connectionString);
  } finally {
    await pool.end();
  }
}

test('twenty controllers that start at once apply each migration once', async () => {
  await onEmptyDatabase(async (_, connectionString) => {
    const migrations = await readMigrations();
    const pools = Array.from({ length: 20 }, () => openPool({ connectionString, maxConnections: 1 }));
    try {
      const results = await Promise.all(pools.map(async (pool) => await migrate(pool, migrations)));
      const applied = results.flatMap((result) => result.applied);
      assert.deepEqual(applied.toSorted(), migrations.map(({ name }) => name).toSorted());
      assert.equal(results.filter((result) => result.applied.length > 0).length, 1);
    } finally {
      await Promise.all(pools.map(async (pool) => await pool.end()));
    }
  });
});

test('a second run changes nothing, and a later migration is applied alone', async () => {
  await onEmptyDatabase(async (pool) => {
    assert.deepEqual((await migrate(pool, [one])).applied, ['0001_one.sql']);
    assert.deepEqual((await migrate(pool, [one])).applied, []);
    assert.deepEqual((await migrate(pool, [one, two])).applied, ['0002_two.sql']);
  });
});

test('an edited migration is refused and says so', async () => {
  await onEmptyDatabase(async (pool) => {
    await migrate(pool, [one]);
    await assert.rejects(migrate(pool, [{ ...one, sha256: 'c'.repeat(64) }]), /0001_one\.sql is not the text that was applied/);
  });
});

test('a newer schema is refused if it is breaking, and accepted if it is compatible', async () => {
  await onEmptyDatabase(async (pool) => {
    await migrate(pool, [one, two]);
    assert.deepEqual(await migrate(pool, [one]), { applied: [], schema: '0001_one.sql', unknown: ['0002_two.sql'] });
    await pool.query('update schema_migration set breaking = true where number = 2');
    await assert.rejects(migrate(pool, [one]), /newer version of Causeway \(0002_two\.sql\).*cannot work with/);
  });
});

test('what comes before a change comes once, outside of the lock, and not for an empty database or where nothing changes', async () => {
  await onEmptyDatabase(async (pool, connectionString) => {
    const asked: unknown[] = [];
    const other = openPool({ connectionString, maxConnections: 1 });
    const before = async (what: unknown): Promise<void> => {
      asked.push(what);
      // What a backup does, which takes the migrator's lock as well.
      await migrate(other, [one]);
    };
    try {
      await migrate(pool, [one], before);
      await migrate(pool, [one, two], before);
      assert.deepEqual((await migrate(pool, [one, two], before)).applied, []);
      assert.deepEqual(asked, [{ pending: ['0002_two.sql'], schema: '0001_one.sql' }]);
    } finally {
      await other.end();
    }
  });
});

test('a change that could not be prepared is not made', async () => {
  await onEmptyDatabase(async (pool) => {
    await migrate(pool, [one]);
    await assert.rejects(
      migrate(pool, [one, two], async () => await Promise.reject(new Error('no room'))),
      /no room/,
    );
    assert.deepEqual((await migrate(pool, [one])).unknown, []);
  });
});

test('a migration that fails leaves the schema as it was, also what came before it in the same run', async () => {
  await onEmptyDatabase(async (pool) => {
    const broken: Migration = { ...two, sql: 'create table two (n int); select nonsense' };
    await assert.rejects(migrate(pool, [one, broken]), /migration 0002_two\.sql: column "nonsense" does not exist/);
    const tables = await pool.query("select tablename from pg_tables where schemaname = 'public'");
    assert.deepEqual(tables.rows, []);
  });
});

test('a directory with a gap, a wrong name or no mark is refused', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'cw-migrations-'));
  try {
    await writeFile(path.join(directory, '0001_first.sql'), 'select 1');
    await assert.rejects(readMigrations(directory), /0001_first\.sql: its first line has to be/);
    await writeFile(path.join(directory, '0001_first.sql'), '-- causeway: compatible\nselect 1');
    await writeFile(path.join(directory, '0003_third.sql'), '-- causeway: compatible\nselect 1');
    await assert.rejects(readMigrations(directory), /0003_third\.sql: expected 0002_/);
  } finally {
    await rm(directory, { recursive: true });
  }
});
