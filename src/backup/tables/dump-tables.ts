import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { ContentMeasure } from '../archive/content-measure.ts';
import { BackupFailure } from '../backup-failure.ts';
import type { SequenceState, TableEntry } from '../archive/manifest.ts';
import { clientConfig } from '../../controller/store/database.ts';
import { withMigrationsHeld } from '../../controller/store/migrate.ts';
import { copyTarget, readSequences, readTables } from './table-catalog.ts';

/** Dump is one snapshot of the database, open for as long as `withDump` runs its function. */
export type Dump = {
  readonly postgres: string;
  readonly migrations: readonly { readonly number: number; readonly name: string; readonly sha256: string }[];
  readonly tables: readonly TableEntry[];
  readonly sequences: readonly SequenceState[];
  /** The rows of a table as COPY's text: for each table the same bytes as were measured, however often it is asked for. */
  readonly rows: (table: TableEntry) => AsyncIterable<Buffer>;
};

/**
 * withDump opens a snapshot (repeatable read: what was committed before is in it whole, what comes later is not), measures each table
 * once, so that whoever writes it down can say beforehand what comes, and hands it to `use`. Writers are not held up; migrations are, until
 * `use` has ended. Undefined where the database has no schema yet: then there is nothing to keep.
 */
export async function withDump<Result>(
  connectionString: string,
  use: (dump: Dump) => Promise<Result>,
): Promise<Result | undefined> {
  return await withClient(connectionString, async (client) =>
    withMigrationsHeld(client, async () => {
      await client.query('begin transaction isolation level repeatable read read only');
      const { rows: found } = await client.query<{ there: boolean }>(
        `select to_regclass('schema_migration') is not null as there`,
      );
      if (found[0]?.there !== true) return undefined;
      const { rows: migrations } = await client.query<Dump['migrations'][number]>(
        'select number, name, sha256 from schema_migration order by number',
      );
      if (migrations.length === 0) return undefined;
      const { rows: servers } = await client.query<{ version: string }>(`select current_setting('server_version') as version`);
      const rows = (table: Pick<TableEntry, 'table' | 'columns'>): AsyncIterable<Buffer> =>
        client.query(copyTo(`copy ${copyTarget({ name: table.table, columns: table.columns })} to stdout`));
      const tables: TableEntry[] = [];
      for (const { name, columns } of await readTables(client)) {
        const table = { kind: 'table' as const, name: `tables/${name}.copy`, table: name, columns: [...columns] };
        tables.push({ ...table, ...(await measure(rows(table))) });
      }
      const sequences = await readSequences(client);
      return await use({ postgres: servers[0]?.version ?? '', migrations, tables, sequences, rows });
    }),
  );
}

/** withClient runs `use` on a connection whose session reads and writes values in one way, whatever the server's defaults are. */
export async function withClient<Result>(connectionString: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  // int8 as text: what is copied here may be beyond a number.
  const { types: _numbers, ...config } = clientConfig(connectionString);
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 10_000 });
  // A connection that breaks says so on itself; the query that waits fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw new BackupFailure(`the database cannot be reached (${cause instanceof Error ? cause.message : String(cause)})`, {
      cause,
    });
  }
  try {
    // synchronize_seqscans lets a scan begin in the middle of a large table: two of the same snapshot would differ.
    await client.query(`set client_encoding = 'UTF8'; set datestyle = 'ISO'; set intervalstyle = 'postgres'; set timezone = 'UTC';
      set extra_float_digits = 1; set bytea_output = 'hex'; set synchronize_seqscans = off; set statement_timeout = 0;
      set idle_in_transaction_session_timeout = 0`);
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function measure(source: AsyncIterable<Buffer>): Promise<Pick<TableEntry, 'bytes' | 'rows' | 'sha256'>> {
  const content = new ContentMeasure();
  for await (const chunk of source) content.add(chunk);
  const { bytes, lines, sha256 } = content.total();
  return { bytes, rows: lines, sha256 };
}
