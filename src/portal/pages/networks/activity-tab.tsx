import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { eventRoutes } from '../../../contract/api/event.ts';
import type { Event } from '../../../contract/api/event.ts';
import type { NetworkDetails } from '../../../contract/api/network-details.ts';
import { ApiError } from '../../api/api-error.ts';
import { callUntil } from '../../api/call.ts';
import { useHappenedWords } from '../../happened/event-words.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import { addTexts } from '../../texts/add-texts.ts';
import { enInternet } from '../../texts/en-internet.ts';
import classes from './networks.module.css';

addTexts(enInternet);

const limit = 50;

/** ActivityTab lists what happened to a network, its prefixes and its connectors, the newest first. */
export function ActivityTab({ network }: { readonly network: NetworkDetails }) {
  const { t } = useTranslation();
  const { entityWord, actionWord } = useHappenedWords();
  const names = new Map([
    [network.id, network.name],
    ...network.connectors.map(({ id, name }) => [id, name] as const),
    ...network.routes.map(({ id, subnet }) => [id, subnet] as const),
  ]);
  const ids = [...names.keys()].join(',');
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [eventRoutes.about.path, ids],
    queryFn: async ({ pageParam, signal }) =>
      await callUntil(eventRoutes.about, signal, {
        query: { ids, limit, ...(pageParam === undefined ? {} : { before: pageParam }) },
      }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: 5_000,
  });
  if (error instanceof ApiError) return <FormFailure failure={error} />;
  if (data === undefined) return <PageLoader />;
  const events = data.pages.flatMap((page) => page.events);
  if (events.length === 0) return <EmptyState title={t('networkActivity.none')}>{t('networkActivity.noneText')}</EmptyState>;
  return (
    <section className={classes.section}>
      <Table
        label={t('network.tabs.activity')}
        columns={(['at', 'what', 'about', 'details'] as const).map((each) => t(`networkActivity.${each}`))}
      >
        {events.map((event) => (
          <tr key={event.seq}>
            <td className={tableClasses.line}>
              <RelativeTime at={event.at} />
            </td>
            <td>
              {entityWord(event.entity)} {actionWord(event.topic.slice(event.topic.indexOf('.') + 1))}
            </td>
            <td>
              <ObjectName name={names.get(event.entityId) ?? t('networkActivity.gone')} />
            </td>
            <td>
              <div className={tableClasses.text}>
                <bdi>{reasonOf(event)}</bdi>
              </div>
            </td>
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

function reasonOf({ payload }: Event): string {
  return typeof payload['reason'] === 'string' ? payload['reason'] : '–';
}
