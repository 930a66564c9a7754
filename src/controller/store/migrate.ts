import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import type { MigrationFile } from '../../core/migration-file.ts';
import { readMigrationFile } from '../../core/migration-file.ts';
import { isDatabaseUnavailable } from './database-trouble.ts';

/** Migration is one file of store/migrations with its text. */
export type Migration = Pick<MigrationFile, 'number' | 'name' | 'breaking'> & {
  readonly sql: string;
  readonly sha256: string;
};

export type MigrationResult = {
  /** What was applied now, in order. */
  readonly applied: readonly string[];
  /** The last of this program's migrations, all of which are applied. */
  readonly schema: string;
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
      const sql = await readFile(path.join(directory, name), 'utf8');
      const { number, breaking } = readMigrationFile(name, sql, index + 1);
      return { number, name, breaking, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** SchemaRefusal: this program must not touch the database as it is. Waiting does not help, somebody has to decide. */
export class SchemaRefusal extends Error {
  override readonly name = 'SchemaRefusal';
  readonly code: 'newer-schema' | 'edited-migration';

  constructor(code: SchemaRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** PendingMigrations is what `migrate` is about to do to a database that is in use. */
export type PendingMigrations = {
  readonly pending: readonly string[];
  /** The last migration that the database has. */
  readonly schema: string;
};

/**
 * migrate brings the database to this program's schema: all missing migrations in one transaction under an advisory lock, so that any
 * number of controllers may start at once, and a failure leaves the schema as it was: an error, the end of this process, of the server
 * or of the machine. `beforeChange` comes before anything is changed, but not for an empty database, where there is nothing to lose;
 * what it throws is thrown on, and nothing is changed then. It runs outside of the lock, which a backup takes as well; the schema is
 * looked at again after it. Refuses (SchemaRefusal) a schema that a newer program has changed in a breaking way, and a migration whose
 * text is not what was applied.
 */
export async function migrate(
  pool: pg.Pool,
  migrations: readonly Migration[],
  beforeChange?: (what: PendingMigrations) => Promise<void>,
): Promise<MigrationResult> {
  let prepared: string | undefined;
  for (;;) {
    const outcome = await inLockedTransaction(pool, async (client) => {
      const plan = await planMigrations(client, migrations);
      const needsPreparation = beforeChange !== undefined && plan.schema !== undefined && plan.schema !== prepared;
      return plan.missing.length > 0 && needsPreparation ? plan : await apply(client, plan, migrations);
    });
    if ('applied' in outcome) return outcome;
    prepared = outcome.schema ?? '';
    await beforeChange?.({ pending: outcome.missing.map(({ name }) => name), schema: prepared });
  }
}

async function inLockedTransaction<Result>(pool: pg.Pool, body: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    // Migrations may take longer than the statements of a request.
    await client.query('set local statement_timeout = 0');
    await client.query('select pg_advisory_xact_lock($1)', [advisoryLock]);
    const result = await body(client);
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
  return await apply(client, await planMigrations(client, migrations), migrations);
}

type Plan = {
  readonly missing: readonly Migration[];
  readonly unknown: readonly string[];
  /** The last migration that the database has; undefined for an empty one. */
  readonly schema: string | undefined;
};

async function planMigrations(client: pg.ClientBase, migrations: readonly Migration[]): Promise<Plan> {
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
        throw new SchemaRefusal(
          'newer-schema',
          `opening the database: its schema was changed by a newer version of Causeway (${row.name}), which this version cannot work with`,
        );
      }
      unknown.push(row.name);
    } else if (migration.sha256 !== row.sha256) {
      throw new SchemaRefusal(
        'edited-migration',
        `opening the database: ${migration.name} is not the text that was applied (sha256 ${row.sha256.slice(0, 12)}… applied, ` +
          `${migration.sha256.slice(0, 12)}… here); a migration is never edited, restore the file and add a new one`,
      );
    }
  }
  const done = new Set(rows.map((row) => row.number));
  const missing = migrations.filter((migration) => !done.has(migration.number));
  return { missing, unknown, schema: rows.at(-1)?.name };
}

async function apply(
  client: pg.ClientBase,
  { missing, unknown }: Plan,
  migrations: readonly Migration[],
): Promise<MigrationResult> {
  for (const migration of missing) {
    try {
      await client.query(migration.sql);
    } catch (cause) {
      // Says nothing about the migration: it is worth another try.
      if (isDatabaseUnavailable(cause)) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`migration ${migration.name}: ${why}; the schema stays as it was`, { cause });
    }
    await client.query('insert into schema_migration (number, name, sha256, breaking) values ($1, $2, $3, $4)', [
      migration.number,
      migration.name,
      migration.sha256,
      migration.breaking,
    ]);
  }
  return { applied: missing.map(({ name }) => name), schema: migrations.at(-1)?.name ?? '', unknown };
}
