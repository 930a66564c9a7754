import type { z } from 'zod';
import { pageResponse } from '../contract/page.ts';
import { callLocalApi } from './local-api.ts';

/** listAll gives what every page of a list of the API holds, in its order; `shape` is what of each item is wanted, `size` items a page. */
export async function listAll<Shape extends z.ZodType>(
  dataDirectory: string,
  path: string,
  shape: Shape,
  size = 1000,
): Promise<z.output<Shape>[]> {
  const page = pageResponse(shape);
  const found: z.output<Shape>[] = [];
  for (let number = 0; ; number += 1) {
    const query = `page=${String(number)}&size=${String(size)}`;
    const answer = await callLocalApi(dataDirectory, { method: 'GET', path: `${path}?${query}` }, page);
    found.push(...answer.content);
    if (number + 1 >= answer.totalPages) return found;
  }
}
