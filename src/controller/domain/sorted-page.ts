import type { SelectQueryBuilder } from 'kysely';
import { sql } from 'kysely';
import type { PageQuery } from '../../contract/page.ts';
import type { Schema } from '../store/schema.ts';
import type { ListPage } from './list-page.ts';
import { readPage } from './list-page.ts';
import type { Orders } from './list-terms.ts';
import { orderOf } from './list-terms.ts';

/**
 * readSortedPage reads one page of `rows`, which come in the order of creation, sorted as the query asks; what that leaves alike keeps the order
 * of creation, so that no row is on two pages. At most two queries (`readPage`).
 */
export async function readSortedPage<Tables extends keyof Schema, Row, Key extends string>(
  query: PageQuery & { readonly sort?: Key | `-${Key}` | undefined },
  rows: SelectQueryBuilder<Schema, Tables, Row>,
  orders: Orders<Key>,
  table: 'app_user' | 'device' | 'host' | 'network' | 'user_group',
): Promise<ListPage<Row>> {
  const order = orderOf(orders, query.sort);
  const sorted =
    order === undefined
      ? rows
      : rows
          .clearOrderBy()
          .orderBy(order.by, order.direction)
          .orderBy(sql.ref(`${table}.number`));
  const count = rows
    .clearSelect()
    .clearOrderBy()
    .select(({ fn }) => fn.countAll<number>().as('total'));
  return await readPage(query, sorted, count);
}
