import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import type { Page, pageQuery } from '../../contract/page.ts';
import { callUntil } from './call.ts';

/** The largest page that the API gives. */
const size = 1_000;
const short_ms = 5_000;
const long_ms = 30_000;

/** A list of the contract that comes in pages and whose path has no parameters. */
type ListRoute<Item> = {
  readonly method: 'GET';
  readonly path: '/api/v1/users' | '/api/v1/user-groups' | '/api/v1/hosts' | '/api/causeway/v1/devices';
  readonly summary: string;
  readonly query: typeof pageQuery;
  readonly answer: z.ZodType<Page<Item>>;
};

/**
 * askingAll gives the options of a query for every object of a list, whatever number of pages it has: `useQuery(askingAll(userRoutes.list))`.
 * It is read again behind what is shown, more rarely where that is much.
 */
export function askingAll<Item>(shape: ListRoute<Item>) {
  const readPage = async (page: number, signal: AbortSignal): Promise<Page<Item>> =>
    await callUntil(shape, signal, { query: { page, size } });
  return queryOptions({
    queryKey: [shape.path, 'all'] as const,
    queryFn: async ({ signal }) => {
      const first = await readPage(0, signal);
      const others = Array.from({ length: Math.max(0, first.totalPages - 1) }, async (_, index) => readPage(index + 1, signal));
      return [first, ...(await Promise.all(others))].flatMap(({ content }) => content);
    },
    refetchInterval: ({ state }) => ((state.data?.length ?? 0) > size ? long_ms : short_ms),
  });
}
