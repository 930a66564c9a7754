import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import type { Page, PageQuery } from '../../contract/page.ts';
import { ApiError } from './api-error.ts';
import { callUntil } from './call.ts';

/** The largest page that the API gives. */
export const largestPage = 1_000;

/** A list of the contract that comes in pages, is searched, narrowed and sorted by the server, and whose path has no parameters. */
export type ListRoute<Item> = {
  readonly method: 'GET';
  readonly path:
    | '/api/v1/users'
    | '/api/v1/user-groups'
    | '/api/v1/networks'
    | '/api/v1/hosts'
    | '/api/causeway/v1/devices'
    | '/api/causeway/v1/user-groups';
  readonly summary: string;
  readonly query: z.ZodType<PageQuery>;
  readonly answer: z.ZodType<Page<Item>>;
};

/** What is asked of a list: search, order, filters. */
export type ListTerms = Readonly<Record<string, string | undefined>>;

/** askingAll gives the options of a query for every object of a list, whatever number of pages it has: `useQuery(askingAll(userGroupRoutes.list))`. */
export function askingAll<Item extends { readonly id: string }>(shape: ListRoute<Item>) {
  return queryOptions({
    queryKey: [shape.path, 'all'] as const,
    queryFn: async ({ signal }) => await readAll(shape, {}, signal),
  });
}

/** As often as a list is read that changes all the time, before that is said. */
const attempts = 3;

/**
 * readAll reads every object that is asked for, page by page. Objects that come and go meanwhile shift the pages: what has been read twice or
 * not at all is noticed by the number, and all is read again. Rejects with ApiError, also where the list does not hold still.
 */
export async function readAll<Item extends { readonly id: string }>(
  shape: ListRoute<Item>,
  terms: ListTerms,
  signal?: AbortSignal,
): Promise<readonly Item[]> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const rows = new Map<string, Item>();
    let read = 0;
    const totals = new Set<number>();
    let answer: Page<Item>;
    do {
      answer = await callUntil(shape, signal, { query: { ...terms, page: read, size: largestPage } });
      totals.add(answer.totalElements);
      for (const row of answer.content) rows.set(row.id, row);
      read += 1;
    } while (read < answer.totalPages);
    if (totals.size === 1 && rows.size === answer.totalElements) return [...rows.values()];
  }
  throw new ApiError('The list changes faster than it can be read. Try again, or narrow it by search and filters.', {
    status: 409,
    code: 'conflict',
  });
}
