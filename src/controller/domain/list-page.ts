import type { PageQuery } from '../../contract/page.ts';

/** ListPage is one page of a list with the length of the whole; the order is that of creation, so that pages do not shift. */
export type ListPage<Item> = { readonly items: Item[]; readonly total: number };

/** A query of Kysely's that can be cut to a page. */
type Rows<Row> = { limit: (limit: number) => { offset: (offset: number) => { execute: () => Promise<Row[]> } } };
type Count = { executeTakeFirstOrThrow: () => Promise<{ total: number }> };

/** readPage reads one page of `rows`. A page that is not full says by itself how long the list is; only behind others is it counted. */
export async function readPage<Row>(query: PageQuery, rows: Rows<Row>, count: Count): Promise<ListPage<Row>> {
  const offset = query.page * query.size;
  const items = await rows.limit(query.size).offset(offset).execute();
  const isLast = items.length < query.size && (items.length > 0 || query.page === 0);
  return { items, total: isLast ? offset + items.length : (await count.executeTakeFirstOrThrow()).total };
}
