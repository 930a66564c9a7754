/** src/portal/pages/users: the list of people, who is added, changed, invited, suspended and deleted there. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { userRoutes } from '../../../contract/api/user.ts';
import { userGroupRoutes } from '../../../contract/api/user-group.ts';
import { askingAll } from '../../api/ask-all.ts';
import { useListed } from '../../api/ask-list.ts';
import { asking } from '../../api/ask.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ObjectList } from '../../parts/list/object-list.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { AddUserPanel } from './add-user-panel.tsx';
import { BulkUsers } from './bulk-users.tsx';
import { useUserColumns, useUserFilters } from './user-columns.tsx';
import { UserPanel } from './user-panel.tsx';

const route = getRouteApi('/users');

export function UsersPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const users = useListed(userRoutes.list, search.id);
  // One of them has to stay (user-authority.ts).
  const owners = useQuery(asking(userRoutes.list, { query: { role: 'OWNER', status: 'ACTIVE', size: 1_000 } }));
  const groups = useQuery(askingAll(userGroupRoutes.list));
  const columns = useUserColumns(groups.data ?? []);
  const filters = useUserFilters(groups.data ?? []);
  const error = users.error ?? groups.error ?? owners.error;
  const retry = () => {
    users.refetch();
    void Promise.all([groups.refetch(), owners.refetch()]);
  };
  if (error !== null) return <PageProblem error={error} onRetry={retry} />;
  if (users.data === undefined || groups.data === undefined || owners.data === undefined) return <PageLoader />;
  const close = () => void navigate({ search: ({ panel: _panel, id: _id, ...others }) => others });
  const { current: user } = users;
  const panel = (() => {
    if (search.panel === 'add') return <AddUserPanel groups={groups.data} onClose={close} />;
    if (user !== undefined)
      return <UserPanel key={user.id} user={user} owners={owners.data.content} groups={groups.data} onClose={close} />;
    return undefined;
  })();
  const add = (
    <Button onClick={() => void navigate({ search: ({ id: _id, ...others }) => ({ ...others, panel: 'add' as const }) })}>
      {t('users.add')}
    </Button>
  );
  return (
    <Page title={t('users.title')} lead={t('users.lead')} actions={add} panel={panel}>
      {users.count === 0 ? (
        <EmptyState title={t('users.none')}>{t('users.noneText')}</EmptyState>
      ) : (
        <ObjectList
          label={t('users.title')}
          list={users.data}
          route={userRoutes.list}
          columns={columns}
          filters={filters}
          idOf={({ id }) => id}
          nameOf={({ username }) => username}
          search={search}
          onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
          bulk={(selected, clear) => (
            <BulkUsers owners={owners.data.content} selected={selected} groups={groups.data} onDone={clear} />
          )}
        />
      )}
    </Page>
  );
}
