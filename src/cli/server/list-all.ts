import type { z } from 'zod';
import { pageResponse } from '../../contract/page.ts';
import { callApi } from './call-api.ts';
import type { ServerChoice } from './server.ts';

interface PageChoice {
  /** Items a page. */
  readonly size?: number;
  /** What narrows the list. */
  readonly query?: Readonly<Record<string, string>>;
}

/** listAll gives what every page of a list of the API holds, in its order; `shape` is what of each item is wanted. */
export async function listAll<Shape extends z.ZodType>(
  choice: ServerChoice,
  path: string,
  shape: Shape,
  pages: PageChoice = {},
): Promise<z.output<Shape>[]> {
  return await readPages(choice, path, pageResponse(shape), pages);
}

export type AnyPage = z.ZodType<{ content: unknown[]; totalPages: number }>;

/** readPages is listAll with the schema of a whole page, as routes of the contract have it. */
export async function readPages<Page extends AnyPage>(
  choice: ServerChoice,
  path: string,
  page: Page,
  { size = 1000, query = {} }: PageChoice = {},
): Promise<z.output<Page>['content']> {
  const found: z.output<Page>['content'] = [];
  for (let number = 0; ; number += 1) {
    const search = new URLSearchParams({ ...query, page: String(number), size: String(size) });
    const answer = await callApi(choice, { method: 'GET', path: `${path}?${search.toString()}` }, page);
    found.push(...answer.content);
    if (number + 1 >= answer.totalPages) return found;
  }
}
