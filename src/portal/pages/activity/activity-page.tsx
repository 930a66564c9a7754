/** src/portal/pages/activity is what was done and what happened, as one list: who, what, before and after, from where. */
import { Button, UnstyledButton } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ActivityEntry } from '../../../contract/api/activity.ts';
import { ApiError } from '../../api/api-error.ts';
import { useHappenedWords } from '../../happened/event-words.ts';
import { HappenedTo } from '../../happened/happened-to.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { Table } from '../../parts/table.tsx';
import { saveFile } from '../../parts/save-file.ts';
import classes from './activity.module.css';
import { activityCsv } from './activity-csv.ts';
import { ActivityFilters } from './activity-filters.tsx';
import type { ActivitySearch } from './activity-search.ts';
import { changesOf } from './changes.ts';
import { EntryPanel } from './entry-panel.tsx';
import { readForExport, useActivity } from './use-activity.ts';

const route = getRouteApi('/activity');

export function ActivityPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { entries, newer, showNew, showOlder, isLoadingOlder, error, retry } = useActivity(search);
  const saving = useMutation({
    mutationFn: async () => saveFile('activity.csv', activityCsv(await readForExport(search)), 'text/csv'),
  });
  if (error !== null && entries === undefined) return <PageProblem error={error} onRetry={retry} />;
  const change = (changed: Partial<ActivitySearch>): void =>
    void navigate({ search: (before) => ({ ...before, entry: undefined, ...changed }), replace: true, resetScroll: false });
  const open = (entry: string | undefined): void =>
    void navigate({ search: (before) => ({ ...before, entry }), resetScroll: false });
  const opened = entries?.find(({ key }) => key === search.entry);
  const columns = ['time', 'what', 'who', 'from', 'changes'] as const;
  return (
    <Page
      title={t('activity.title')}
      lead={t('activity.lead')}
      actions={
        <Button variant="default" loading={saving.isPending} onClick={() => saving.mutate()}>
          {t('activity.csv')}
        </Button>
      }
      panel={opened === undefined ? undefined : <EntryPanel entry={opened} onClose={() => open(undefined)} />}
    >
      <ActivityFilters search={search} entries={entries ?? []} onChange={change} />
      <FormFailure failure={saving.error instanceof ApiError ? saving.error : undefined} />
      <div role="status" className={classes.news}>
        {newer > 0 && (
          <Button variant="light" size="compact-sm" onClick={showNew}>
            {t('activity.newer', { count: newer })}
          </Button>
        )}
      </div>
      {entries === undefined ? (
        <PageLoader />
      ) : entries.length === 0 ? (
        <EmptyState title={t('activity.none')}>{t('activity.noneText')}</EmptyState>
      ) : (
        <Table label={t('activity.title')} columns={columns.map((column) => t(`activity.${column}`))}>
          {entries.map((entry) => (
            <EntryRow key={entry.key} entry={entry} onOpen={() => open(entry.key)} />
          ))}
        </Table>
      )}
      {showOlder !== undefined && (
        <Button variant="default" className={classes.older} loading={isLoadingOlder} onClick={showOlder}>
          {t('activity.older')}
        </Button>
      )}
    </Page>
  );
}

function EntryRow({ entry, onOpen }: { readonly entry: ActivityEntry; readonly onOpen: () => void }) {
  const { t } = useTranslation();
  const { actionWord } = useHappenedWords();
  const { at, action, who } = entry;
  const count = changesOf(entry).length;
  return (
    <tr>
      <td className={classes.when}>
        <RelativeTime at={at} />
      </td>
      <td>
        <div className={classes.what}>
          <HappenedTo entry={entry} /> {actionWord(action)}
        </div>
      </td>
      <td>{who === null ? '–' : <ObjectName name={who.name} />}</td>
      <td>
        <code>{who?.sourceAddress ?? '–'}</code>
      </td>
      <td>
        <UnstyledButton className={classes.open} onClick={onOpen}>
          {count === 0 ? t('activity.details') : t('activity.fields', { count })}
        </UnstyledButton>
      </td>
    </tr>
  );
}
