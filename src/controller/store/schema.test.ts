import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { testDatabase } from './test-database.ts';

/** Reads `export type NetworkTable = { id: …; name: string | null }` as table.column -> may be null. */
function declaredColumns(source: string): Map<string, boolean> {
  const types = new Map<string, string>();
  for (const match of source.matchAll(/export type (\w+Table) = \{([^}]*)\};/g)) types.set(match[1] ?? '', match[2] ?? '');
  const tables = /export type Schema = \{([^}]*)\};/.exec(source)?.[1] ?? '';
  const columns = new Map<string, boolean>();
  for (const [, table, type] of tables.matchAll(/(\w+): (\w+);/g)) {
    // Without type arguments, `;` ends each member.
    const members = (types.get(type ?? '') ?? '').replaceAll(/\/\*\*[\s\S]*?\*\//g, '').split(';');
    for (const member of members) {
      const parts = /^\s*(\w+): ([\s\S]+)$/.exec(member);
      if (parts !== null) columns.set(`${table ?? ''}.${parts[1] ?? ''}`, parts[2]?.trim().endsWith('| null') === true);
    }
  }
  return columns;
}

test('schema.ts declares exactly the columns of the migrated database, with the right nullability', async () => {
  await using database = await testDatabase();
  const source = await readFile(path.join(import.meta.dirname, 'schema.ts'), 'utf8');
  const actual = await sql<{ column: string; nullable: boolean }>`
    select table_name || '.' || column_name as column, is_nullable = 'YES' as nullable
    from information_schema.columns where table_schema = 'public' and table_name <> 'schema_migration'`.execute(
    database.store.database,
  );
  const byName = (entries: Iterable<readonly [string, boolean]>) =>
    Object.fromEntries([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  assert.deepEqual(
    byName(declaredColumns(source)),
    byName(actual.rows.map(({ column, nullable }) => [column, nullable] as const)),
  );
});
