import type { InfiniteData } from '@tanstack/react-query';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ActivityEntry, ActivityList } from '../../../contract/api/activity.ts';
import { activityRoutes } from '../../../contract/api/activity.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import type { ActivitySearch } from './activity-search.ts';
import { queryOf } from './activity-search.ts';

const pageSize = 100;
/** What one file may hold; older entries are exported by a time before. */
const mostExported = 20_000;

type Activity = {
  /** Undefined until the first page is there. */
  readonly entries: readonly ActivityEntry[] | undefined;
  /** How many came since; they wait until `showNew`. */
  readonly newer: number;
  readonly showNew: () => void;
  /** Undefined where there is nothing older. */
  readonly showOlder: (() => void) | undefined;
  readonly isLoadingOlder: boolean;
  readonly error: unknown;
  readonly retry: () => void;
};

/**
 * useActivity reads the list page by page, and keeps it as it is. The newest page is read again whenever something happens (live/affected.ts);
 * what it has more is counted, and comes into the list when it is asked for: nothing moves under who reads.
 */
export function useActivity(search: ActivitySearch): Activity {
  const client = useQueryClient();
  const query = queryOf(search);
  // A key of its own, so that the refresher leaves the list alone.
  const queryKey = ['activity-list', query] as const;
  const list = useInfiniteQuery({
    queryKey,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam }) =>
      await call(activityRoutes.list, { query: { ...query, limit: pageSize, before: pageParam } }),
    getNextPageParam: ({ next }: ActivityList) => next,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const newest = useQuery({
    ...asking(activityRoutes.list, { query: { ...query, limit: pageSize } }),
    enabled: list.data !== undefined,
  });
  const entries = list.data?.pages.flatMap((page) => page.entries);
  const top = entries?.[0]?.key;
  const fresh = newest.data?.entries ?? [];
  const place = fresh.findIndex(({ key }) => key === top);
  // A list that the newest page does not reach any more has at least a page of news.
  const newer = entries === undefined || newest.data === undefined ? 0 : place === -1 ? fresh.length : place;
  return {
    entries,
    newer,
    showNew: () => {
      if (newest.data !== undefined)
        client.setQueryData(queryKey, {
          pages: [newest.data],
          pageParams: [undefined],
        } satisfies InfiniteData<ActivityList, string | undefined>);
    },
    showOlder: list.hasNextPage ? () => void list.fetchNextPage() : undefined,
    isLoadingOlder: list.isFetchingNextPage,
    error: list.error,
    retry: () => void list.refetch(),
  };
}

/** readForExport reads everything that a search finds, newest first, up to what one file may hold. Rejects with ApiError. */
export async function readForExport(search: ActivitySearch): Promise<readonly ActivityEntry[]> {
  const entries: ActivityEntry[] = [];
  let before: string | undefined;
  do {
    const page: ActivityList = await call(activityRoutes.list, { query: { ...queryOf(search), limit: 1_000, before } });
    entries.push(...page.entries);
    before = page.next ?? undefined;
  } while (before !== undefined && entries.length < mostExported);
  return entries;
}
