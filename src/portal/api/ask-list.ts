import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Page } from '../../contract/page.ts';
import type { ListRoute } from './ask-all.ts';
import { largestPage } from './ask-all.ts';
import { asking } from './ask.ts';
import { callUntil } from './call.ts';

/** Listed is a list as the browser has it: whole, or where it is longer than a page only how many there are, and the server searches and sorts. */
export type Listed<Item> =
  | { readonly kind: 'whole'; readonly rows: readonly Item[] }
  | { readonly kind: 'long'; readonly total: number };

/** What no event tells, such as a gateway that has gone silent. */
const every_ms = 30_000;

function askingList<Item>(shape: ListRoute<Item>) {
  const key = [shape.path, 'list'] as const;
  return queryOptions({
    queryKey: key,
    queryFn: async ({ client, signal }): Promise<Listed<Item>> => {
      const read = async (size: number): Promise<Page<Item>> => await callUntil(shape, signal, { query: { page: 0, size } });
      // Of a list that was long, the rows would be read for nothing.
      const before = client.getQueryData<Listed<Item>>(key);
      if (before?.kind === 'long') {
        const { totalElements } = await read(1);
        if (totalElements > largestPage) return { kind: 'long', total: totalElements };
      }
      const { content, totalElements } = await read(largestPage);
      return totalElements > largestPage ? { kind: 'long', total: totalElements } : { kind: 'whole', rows: content };
    },
  });
}

/** askingOne asks for the object of a list that has this id. */
function askingOne<Item>(shape: ListRoute<Item>, id: string) {
  return asking(shape, { query: { id, page: 0, size: 1 } });
}

/** useListed reads a list, and the object of it that the address names; `isToldLive` where events tell all that changes in it. */
export function useListed<Item extends { readonly id: string }>(
  shape: ListRoute<Item>,
  id: string | undefined,
  { isToldLive = false }: { readonly isToldLive?: boolean } = {},
) {
  const { data, error, refetch } = useQuery({ ...askingList(shape), refetchInterval: isToldLive ? false : every_ms });
  const one = useQuery({ ...askingOne(shape, id ?? ''), enabled: data?.kind === 'long' && id !== undefined });
  const current = data?.kind === 'whole' ? data.rows.find((row) => row.id === id) : one.data?.content[0];
  return {
    data,
    error,
    refetch: () => void refetch(),
    count: data === undefined ? 0 : data.kind === 'whole' ? data.rows.length : data.total,
    current: id === undefined ? undefined : current,
  };
}
