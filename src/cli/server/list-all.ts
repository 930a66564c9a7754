import type { z } from 'zod';
import { pageResponse } from '../../contract/page.ts';
import { callApi } from './call-api.ts';
import type { ServerChoice } from './server.ts';

/**
 * listAll gives what every page of a list of the API holds, in its order; `shape` is what of each item is wanted, `size` items a page,
 * `query` what narrows the list.
 */
export async function listAll<Shape extends z.ZodType>(
  choice: ServerChoice,
  path: string,
  shape: Shape,
  { size = 1000, query = {} }: { readonly size?: number; readonly query?: Readonly<Record<string, string>> } = {},
): Promise<z.output<Shape>[]> {
  const page = pageResponse(shape);
  const found: z.output<Shape>[] = [];
  for (let number = 0; ; number += 1) {
    const search = new URLSearchParams({ ...query, page: String(number), size: String(size) });
    const answer = await callApi(choice, { method: 'GET', path: `${path}?${search.toString()}` }, page);
    found.push(...answer.content);
    if (number + 1 >= answer.totalPages) return found;
  }
}
