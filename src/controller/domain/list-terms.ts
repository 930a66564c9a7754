import type { RawBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import { containing } from '../store/like.ts';

/** Orders says by what a list is sorted for each field that a request may name. */
export type Orders<Key extends string> = Readonly<Record<Key, RawBuilder<unknown>>>;

/** natural sorts text as people do: hq-2 before hq-10, whatever the case (migration 0014). */
export function natural(text: RawBuilder<string>): RawBuilder<string> {
  return sql`(${text}) collate natural_order`;
}

/** orderOf is what `order by` says for `name` or `-name`; undefined where nothing is asked for. */
export function orderOf<Key extends string>(
  orders: Orders<Key>,
  sort: Key | `-${Key}` | undefined,
): { readonly by: RawBuilder<unknown>; readonly direction: 'asc' | 'desc' } | undefined {
  if (sort === undefined) return undefined;
  for (const key of Object.keys(orders) as Key[]) {
    if (sort === key) return { by: orders[key], direction: 'asc' };
    if (sort === `-${key}`) return { by: orders[key], direction: 'desc' };
  }
  return undefined;
}

/** matching is true where one of the texts of a row has `q` in it, whatever its case; for every row where nothing is looked for. */
export function matching(texts: readonly RawBuilder<string>[], q: string | undefined): RawBuilder<SqlBool> {
  const wanted = q?.trim() ?? '';
  if (wanted === '') return sql<SqlBool>`true`;
  const pattern = containing(wanted);
  return sql<SqlBool>`(${sql.join(
    // The database's own order is by bytes, which knows no case but that of a to z.
    texts.map((text) => sql`${natural(text)} ilike ${pattern}`),
    sql` or `,
  )})`;
}

/** hasId is true for the row that has the id, where one is asked for. As text: what is no id is the id of nothing. */
export function hasId(column: RawBuilder<string>, id: string | undefined): RawBuilder<SqlBool> {
  return id === undefined ? sql<SqlBool>`true` : sql<SqlBool>`${column}::text = ${id}`;
}

/** all is true where all conditions are. */
export function all(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;
}
