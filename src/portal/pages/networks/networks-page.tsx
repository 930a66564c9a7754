/** src/portal/pages/networks: the list of networks, a network with its connectors and prefixes, and what its LAN has to know. */
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { networkRoutes } from '../../../contract/api/network.ts';
import { useListed } from '../../api/ask-list.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ObjectList } from '../../parts/list/object-list.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { AddNetworkPanel } from './add-network-panel.tsx';
import { useNetworkColumns, useNetworkFilters } from './network-columns.tsx';

const route = getRouteApi('/networks');

export function NetworksPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, count, error, refetch } = useListed(networkRoutes.list, undefined, { isToldLive: true });
  const columns = useNetworkColumns();
  const filters = useNetworkFilters();
  if (error !== null) return <PageProblem error={error} onRetry={refetch} />;
  if (data === undefined) return <PageLoader />;
  const open = () => void navigate({ search: (before) => ({ ...before, panel: 'add' }) });
  const close = () => void navigate({ search: ({ panel: _closed, ...others }) => others });
  const add = <Button onClick={open}>{t('networks.add')}</Button>;
  return (
    <Page
      title={t('networks.title')}
      lead={t('networks.lead')}
      actions={count > 0 && add}
      panel={search.panel === 'add' ? <AddNetworkPanel onClose={close} /> : undefined}
    >
      {count === 0 ? (
        <EmptyState title={t('networks.none')} action={add}>
          {t('networks.noneText')}
        </EmptyState>
      ) : (
        <ObjectList
          label={t('networks.title')}
          list={data}
          route={networkRoutes.list}
          columns={columns}
          filters={filters}
          idOf={({ id }) => id}
          nameOf={({ name }) => name}
          search={search}
          onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
        />
      )}
    </Page>
  );
}
