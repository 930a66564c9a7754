/** src/backup/testing makes databases and installations for the tests of backups. */
import { randomUUID } from 'node:crypto';
import pg, { escapeIdentifier } from 'pg';

type Column = { table: string; name: string; type: string; generated: boolean };

/** Values that COPY's text has to escape, and that a careless reader would take for something else. */
export const difficultText = 'a\tb\nc\\d\\N\r "x" é 漢 \\. ';

/**
 * fillEveryTable puts a row into each table that has none, whatever tables there are: constraints and triggers are put aside for it, so that
 * a table of a later migration is filled, too. Gives how many were.
 */
export async function fillEveryTable(connectionString: string): Promise<number> {
  const client = new pg.Client({ connectionString: connectionString.replace(/user=\w+/, 'user=postgres') });
  await client.connect();
  try {
    await client.query(`set session_replication_role = replica`);
    await dropJudges(client);
    const { rows: columns } = await client.query<Column>(`
      select c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
        a.attgenerated <> '' or a.attidentity <> '' as generated
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1, a.attnum`);
    let filled = 0;
    for (const [table, own] of Map.groupBy(columns, (column) => column.table)) {
      const { rowCount } = await client.query(`select from ${escapeIdentifier(table)} limit 1`);
      if (rowCount !== 0) continue;
      const written = own.filter(({ generated }) => !generated);
      await client.query(
        `insert into ${escapeIdentifier(table)} (${written.map(({ name }) => escapeIdentifier(name)).join(', ')})
         values (${written.map(({ type }) => valueOf(type)).join(', ')})`,
      );
      filled += 1;
    }
    return filled;
  } finally {
    await client.end();
  }
}

/** dropJudges takes checks and foreign keys away: the rows of fillEveryTable have the types of real ones, and no sense. */
export async function dropJudges(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ drop: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop from pg_constraint
     where connamespace = 'public'::regnamespace and contype in ('c', 'f')`,
  );
  await client.query(rows.map(({ drop }) => drop).join(';'));
}

function valueOf(type: string): string {
  if (type.endsWith('[]')) return `array[${valueOf(type.slice(0, -2))}]::${type}`;
  if (type === 'uuid') return `'${randomUUID()}'`;
  if (type === 'bytea') return `'\\x000a5c09ff'`;
  if (type === 'boolean') return 'true';
  if (type.startsWith('timestamp')) return `'2026-11-27 15:00:00.123456+01'`;
  if (type === 'inet' || type === 'cidr') return `'10.1.2.3'`;
  if (type.startsWith('json')) return `'{"a": "b\\nc"}'`;
  if (/^(?:bigint|integer|smallint)$/.test(type)) return type === 'bigint' ? '9007199254740993' : '7';
  if (/^(?:numeric|double|real)/.test(type)) return '0.1';
  if (type.startsWith('character')) return `'DE'`;
  return pg.escapeLiteral(difficultText);
}
