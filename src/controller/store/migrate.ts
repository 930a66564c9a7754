import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';

/** Migration is one file of store/migrations: `0001_first_schema.sql`, its first line `-- causeway: compatible` or `breaking`. */
export type Migration = {
  readonly number: number;
  readonly name: string;
  /** An older program cannot work with the schema that a breaking one leaves. */
  readonly breaking: boolean;
  readonly sql: string;
  readonly sha256: string;
};

export type MigrationResult = {
  readonly applied: readonly string[];
  /** Compatible migrations that a newer program has applied; this one works with them. */
  readonly unknown: readonly string[];
};

/** The lock's key; any constant serves, it must only differ from other advisory locks in the same database. */
const advisoryLock = 0x0ca5e3a1;

const migrationsDirectory = path.join(import.meta.dirname, 'migrations');

/** readMigrations reads the directory in order. Throws on a gap, a wrong name or a missing mark. */
export async function readMigrations(directory: string = migrationsDirectory): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).toSorted();
  return await Promise.all(
    names.map(async (name, index) => {
      const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
      if (number !== index + 1)
        throw new Error(`migration ${name}: expected ${String(index + 1).padStart(4, '0')}_lower_case_words.sql`);
      const sql = await readFile(path.join(directory, name), 'utf8');
      const mark = /^-- causeway: (compatible|breaking)$/m.exec(sql.split('\n', 1)[0] ?? '')?.[1];
      if (mark === undefined)
        throw new Error(`migration ${name}: its first line has to be "-- causeway: compatible" or "-- causeway: breaking"`);
      return { number, name, breaking: mark === 'breaking', sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * migrate brings the database to this program's schema: all missing migrations in one transaction under an advisory lock, so that any
 * number of controllers may start at once, and a failure leaves the schema as it was. Refuses a schema that a newer program has changed
 * in a breaking way, and a migration whose text is not what was applied.
 */
export async function migrate(pool: pg.Pool, migrations: readonly Migration[]): Promise<MigrationResult> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    // Migrations may take longer than the statements of a request.
    await client.query('set local statement_timeout = 0');
    await client.query('select pg_advisory_xact_lock($1)', [advisoryLock]);
    const result = await migrateWithin(client, migrations);
    await client.query('commit');
    return result;
  } catch (error) {
    // The connection may be what failed; the server then rolls back by itself.
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/**
 * withMigrationsHeld runs `use` while nobody may migrate this database: held by the session, since a transaction that waited for the lock
 * would see the tables of before. Released when `use` ends, and in any case with the connection.
 */
export async function withMigrationsHeld<Result>(client: pg.ClientBase, use: () => Promise<Result>): Promise<Result> {
  await client.query('select pg_advisory_lock_shared($1)', [advisoryLock]);
  try {
    return await use();
  } finally {
    // The transaction may have failed, and then refuses everything but its end.
    await client.query('rollback').catch(() => undefined);
    await client.query('select pg_advisory_unlock_shared($1)', [advisoryLock]).catch(() => undefined);
  }
}

type Applied = { number: number; name: string; sha256: string; breaking: boolean };

/**
 * migrateWithin is migrate in a transaction of the caller's, who sees to it that nobody else migrates: for what has to be there together
 * with the schema or not at all.
 */
export async function migrateWithin(client: pg.ClientBase, migrations: readonly Migration[]): Promise<MigrationResult> {
  await client.query(`create table if not exists schema_migration (
    number int primary key, name text not null, sha256 text not null, breaking boolean not null,
    applied_at timestamptz not null default now())`);
  const { rows } = await client.query<Applied>('select number, name, sha256, breaking from schema_migration order by number');
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  const unknown: string[] = [];
  for (const row of rows) {
    const migration = known.get(row.number);
    if (migration === undefined) {
      if (row.breaking) {
        throw new Error(
          `opening the database: its schema was changed by a newer version of Causeway (${row.name}), which this version cannot work ` +
            'with; start the newer version, or restore the backup that was made before the upgrade',
        );
      }
      unknown.push(row.name);
    } else if (migration.sha256 !== row.sha256) {
      throw new Error(
        `opening the database: ${migration.name} is not the text that was applied (sha256 ${row.sha256.slice(0, 12)}… applied, ` +
          `${migration.sha256.slice(0, 12)}… here); a migration is never edited, restore the file and add a new one`,
      );
    }
  }
  const done = new Set(rows.map((row) => row.number));
  const missing = migrations.filter((migration) => !done.has(migration.number));
  for (const migration of missing) {
    try {
      await client.query(migration.sql);
    } catch (cause) {
      throw new Error(`migration ${migration.name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
    await client.query('insert into schema_migration (number, name, sha256, breaking) values ($1, $2, $3, $4)', [
      migration.number,
      migration.name,
      migration.sha256,
      migration.breaking,
    ]);
  }
  return { applied: missing.map((migration) => migration.name), unknown };
}
