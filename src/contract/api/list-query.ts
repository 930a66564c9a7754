import { z } from 'zod';
import type { PageQuery } from '../page.ts';
import { pageQuery } from '../page.ts';
import { optionalQuery, optionalText } from './fields.ts';

/** SortOf is a field to sort by, with `-` before it for the other way round. */
export type SortOf<Key extends string> = Key | `-${Key}`;

/**
 * listQuery is the query of a list that the server searches, narrows and sorts, page by page: `q` is a part of what its search looks in, `sort`
 * one of these fields. Ours; without both the list is in the order of creation.
 */
export function listQuery<const Key extends string, const Filters extends z.ZodRawShape>(keys: readonly Key[], filters: Filters) {
  return pageQuery.extend({
    q: optionalText(200),
    /** The one object that has this id, or none. */
    id: optionalQuery(),
    sort: z
      .enum([...keys, ...keys.map((key): SortOf<Key> => `-${key}`)], {
        error: `is not allowed; allowed: ${keys.join(', ')}, each also with - before it`,
      })
      .optional(),
    ...filters,
  });
}

/** AskedOf is what such a query asks for; all but the page may be left out. */
export type AskedOf<Query extends z.ZodType<PageQuery>> = PageQuery & Partial<z.output<Query>>;
