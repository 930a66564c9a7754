import type { PageQuery } from '../../contract/page.ts';

/**
 * ListPage is one page of a list with the length of the whole; the order is that of creation, so that pages do not shift. Lists count and
 * read at the same time, on two connections (hence they take the pool, not a transaction): when something is added at that moment, the
 * count may be one ahead, as two pages may be of each other anyway.
 */
export type ListPage<Item> = { readonly items: Item[]; readonly total: number };

/** pageWindow is the page as SQL wants it. */
export function pageWindow(query: PageQuery): { readonly limit: number; readonly offset: number } {
  return { limit: query.size, offset: query.page * query.size };
}

/** groupBy collects rows under the id that they belong to, in the order given. */
export function groupBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
