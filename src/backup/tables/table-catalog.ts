/**
 * src/backup/tables copies what is in the database, and nothing of how it is made: the schema is the migrations'. By PostgreSQL's own text
 * format of COPY, which every version of the server reads; the private server comes without pg_dump.
 */
import type pg from 'pg';
import { escapeIdentifier } from 'pg';
import type { SequenceState } from '../archive/manifest.ts';

/** Table is one that has rows of its own, with the columns that are copied: not those that the server computes. */
export type Table = { readonly name: string; readonly columns: readonly string[] };

/** readTables gives every table of the schema that the connection works in, by name. */
export async function readTables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
    group by c.relname order by c.relname collate "C"`);
  return rows;
}

/** readSequences gives what numbers come next. Sequences know no snapshot: read after it was taken, they are never behind its rows. */
export async function readSequences(client: pg.ClientBase): Promise<SequenceState[]> {
  const { rows } = await client.query<SequenceState>(`
    select t.relname as "table", a.attname as "column", coalesce(pg_sequence_last_value(s.oid), q.seqstart)::text as "lastValue",
      pg_sequence_last_value(s.oid) is not null as "isCalled"
    from pg_class s
      join pg_sequence q on q.seqrelid = s.oid
      join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.refclassid = 'pg_class'::regclass
        and d.deptype in ('a', 'i')
      join pg_class t on t.oid = d.refobjid
      join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    where s.relkind = 'S' and s.relnamespace = current_schema()::regnamespace
    order by t.relname collate "C", a.attname collate "C"`);
  return rows;
}

/** copyTarget writes `table (column, …)` as COPY takes it. */
export function copyTarget({ name, columns }: Table): string {
  return `${escapeIdentifier(name)} (${columns.map((column) => escapeIdentifier(column)).join(', ')})`;
}
