import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { activityRoutes } from '../../../contract/api/activity.ts';
import type { NetworkDetails } from '../../../contract/api/network-details.ts';
import { ApiError } from '../../api/api-error.ts';
import { callUntil } from '../../api/call.ts';
import { useHappenedWords } from '../../happened/event-words.ts';
import { HappenedTo } from '../../happened/happened-to.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import { addTexts } from '../../texts/add-texts.ts';
import { enInternet } from '../../texts/en-internet.ts';
import classes from './networks.module.css';

addTexts(enInternet);

const limit = 50;

/** ActivityTab lists what was done to a network, its prefixes and its connectors, and what happened to them, the newest first. */
export function ActivityTab({ network }: { readonly network: NetworkDetails }) {
  const { t } = useTranslation();
  const { actionWord } = useHappenedWords();
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [activityRoutes.list.path, network.id],
    queryFn: async ({ pageParam, signal }) =>
      await callUntil(activityRoutes.list, signal, { query: { networkId: network.id, limit, before: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  if (error instanceof ApiError) return <FormFailure failure={error} />;
  if (data === undefined) return <PageLoader />;
  const entries = data.pages.flatMap((page) => page.entries);
  if (entries.length === 0) return <EmptyState title={t('networkActivity.none')}>{t('networkActivity.noneText')}</EmptyState>;
  return (
    <section className={classes.section}>
      <Table
        label={t('network.tabs.activity')}
        columns={(['at', 'what', 'who'] as const).map((each) => t(`networkActivity.${each}`))}
      >
        {entries.map((entry) => (
          <tr key={entry.key}>
            <td className={tableClasses.line}>
              <RelativeTime at={entry.at} />
            </td>
            <td>
              <HappenedTo entry={entry} /> {actionWord(entry.action)}
            </td>
            <td>{entry.who === null ? '–' : <bdi>{entry.who.name}</bdi>}</td>
          </tr>
        ))}
      </Table>
      {hasNextPage && (
        <div>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('networkActivity.older')}
          </Button>
        </div>
      )}
    </section>
  );
}
