import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { escapeIdentifier } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BackupFailure } from '../backup-failure.ts';
import type { SequenceState, TableEntry } from '../archive/manifest.ts';
import { copyTarget, readTables } from './table-catalog.ts';

/**
 * TableLoader fills a schema that migrations have just made, in the caller's transaction: `open`, each table in any order, `close`. What
 * fails is the caller's to roll back; nothing of it is seen before the commit.
 *
 * Foreign keys are taken away and made again at the end, as pg_dump does: then the order of tables does not matter, and each is proved by
 * one join instead of row by row. Triggers of our own are off meanwhile: they would judge (and stamp) rows as if somebody changed them
 * now. Neither needs a superuser, which the owner of a database elsewhere is not. Everything else (checks, unique and exclusion
 * constraints) judges every row as it comes.
 */
export class TableLoader {
  readonly #client: pg.ClientBase;
  #tables: readonly string[] = [];
  #foreignKeys: readonly { readonly table: string; readonly name: string; readonly definition: string }[] = [];

  constructor(client: pg.ClientBase) {
    this.#client = client;
  }

  /** Throws BackupFailure where the schema has other tables or columns than were copied: nothing may be left out. */
  async open(entries: readonly TableEntry[]): Promise<void> {
    const shape = (tables: readonly { readonly name: string; readonly columns: readonly string[] }[]) =>
      tables.map(({ name, columns }) => `${name}(${columns.toSorted().join(',')})`);
    const here = new Set(shape(await readTables(this.#client)));
    const copied = new Set(shape(entries.map(({ table, columns }) => ({ name: table, columns }))));
    const differing = [...here.symmetricDifference(copied)];
    if (differing.length > 0)
      throw new BackupFailure(`its tables are not those of the schema that it names: ${differing.toSorted().join(' ')}`);
    this.#tables = entries.map(({ table }) => table);
    const { rows } = await this.#client.query<{ table: string; name: string; definition: string }>(`
      select c.conrelid::regclass::text as "table", quote_ident(c.conname) as name, pg_get_constraintdef(c.oid) as definition
      from pg_constraint c where c.contype = 'f' and c.connamespace = current_schema()::regnamespace order by c.oid`);
    this.#foreignKeys = rows;
    await this.#each(rows.map(({ table, name }) => `alter table ${table} drop constraint ${name}`));
    await this.#each(this.#tables.map((table) => `alter table ${escapeIdentifier(table)} disable trigger user`));
    // Migrations put the first rows into some.
    await this.#client.query(`truncate ${this.#tables.map((table) => escapeIdentifier(table)).join(', ')}`);
  }

  async load(entry: TableEntry, rows: AsyncIterable<Buffer>): Promise<void> {
    const into = this.#client.query(copyFrom(`copy ${copyTarget({ name: entry.table, columns: entry.columns })} from stdin`));
    await pipeline(rows, into);
    if (into.rowCount !== entry.rows)
      throw new BackupFailure(
        `the table ${entry.table} took ${String(into.rowCount)} rows, and ${String(entry.rows)} were copied`,
      );
  }

  async close(sequences: readonly SequenceState[]): Promise<void> {
    for (const { table, column, lastValue, isCalled } of sequences) {
      await this.#client.query('select setval(pg_get_serial_sequence($1, $2), $3::bigint, $4)', [
        escapeIdentifier(table),
        column,
        lastValue,
        isCalled,
      ]);
    }
    await this.#each(this.#tables.map((table) => `alter table ${escapeIdentifier(table)} enable trigger user`));
    await this.#each(
      this.#foreignKeys.map(({ table, name, definition }) => `alter table ${table} add constraint ${name} ${definition}`),
    );
    await this.#client.query('analyze');
  }

  async #each(statements: readonly string[]): Promise<void> {
    if (statements.length > 0) await this.#client.query(statements.join(';\n'));
  }
}
