/** src/portal/pages/hosts: the list of hosts, single machines that hold a tunnel of their own, and the connectors that are these tunnels. */
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { hostRoutes } from '../../../contract/api/host.ts';
import { useListed } from '../../api/ask-list.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ObjectList } from '../../parts/list/object-list.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { AddHostPanel } from './add-host-panel.tsx';
import { useHostColumns, useHostFilters } from './host-columns.tsx';
import { HostInstallPanel } from './host-install-panel.tsx';
import { HostPanel } from './host-panel.tsx';

const route = getRouteApi('/hosts');

export function HostsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, count, current: host, error, refetch } = useListed(hostRoutes.list, search.id);
  const columns = useHostColumns();
  const filters = useHostFilters();
  if (error !== null) return <PageProblem error={error} onRetry={refetch} />;
  if (data === undefined) return <PageLoader />;
  const close = () => void navigate({ search: ({ panel: _panel, id: _id, connector: _connector, ...others }) => others });
  const connector = host?.connectors.find(({ id }) => id === search.connector);
  const panel = (() => {
    if (search.panel === 'add') return <AddHostPanel onClose={close} />;
    if (search.panel === 'install' && connector !== undefined)
      return <HostInstallPanel key={connector.id} connector={connector} onClose={close} />;
    if (host !== undefined) return <HostPanel key={host.id} host={host} onClose={close} />;
    return undefined;
  })();
  const add = (
    <Button onClick={() => void navigate({ search: ({ id: _id, ...others }) => ({ ...others, panel: 'add' as const }) })}>
      {t('hosts.add')}
    </Button>
  );
  return (
    <Page title={t('hosts.title')} lead={t('hosts.lead')} actions={count > 0 && add} panel={panel}>
      {count === 0 ? (
        <EmptyState title={t('hosts.none')} action={add}>
          {t('hosts.noneText')}
        </EmptyState>
      ) : (
        <ObjectList
          label={t('hosts.title')}
          list={data}
          route={hostRoutes.list}
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
