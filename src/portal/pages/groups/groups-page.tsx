/** src/portal/pages/groups: the list of user groups, and what holds for the people in each: regions, internet access, signing in at connect. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { userRoutes } from '../../../contract/api/user.ts';
import { userGroupRoutes } from '../../../contract/api/user-group.ts';
import { askingAll } from '../../api/ask-all.ts';
import { ObjectList } from '../../parts/list/object-list.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { AddGroupPanel } from './add-group-panel.tsx';
import { countMembers, useGroupColumns } from './group-columns.tsx';
import { GroupPanel } from './group-panel.tsx';

const route = getRouteApi('/groups');

export function GroupsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const groups = useQuery(askingAll(userGroupRoutes.list));
  const users = useQuery(askingAll(userRoutes.list));
  const members = countMembers(users.data ?? []);
  const columns = useGroupColumns(members);
  const error = groups.error ?? users.error;
  if (error !== null) return <PageProblem error={error} onRetry={() => void Promise.all([groups.refetch(), users.refetch()])} />;
  if (groups.data === undefined || users.data === undefined) return <PageLoader />;
  const close = () => void navigate({ search: ({ panel: _panel, id: _id, ...others }) => others });
  const group = groups.data.find(({ id }) => id === search.id);
  const panel = (() => {
    if (search.panel === 'add') return <AddGroupPanel onClose={close} />;
    if (group === undefined) return undefined;
    // The first group is the one that is made with the installation (controller/domain/user-groups.ts).
    const isDefault = group.id === groups.data[0]?.id;
    return <GroupPanel key={group.id} group={group} isDefault={isDefault} members={members.get(group.id) ?? 0} onClose={close} />;
  })();
  return (
    <Page
      title={t('groups.title')}
      lead={t('groups.lead')}
      actions={
        <Button onClick={() => void navigate({ search: ({ id: _id, ...others }) => ({ ...others, panel: 'add' as const }) })}>
          {t('groups.add')}
        </Button>
      }
      panel={panel}
    >
      <ObjectList
        label={t('groups.title')}
        rows={groups.data}
        columns={columns}
        idOf={({ id }) => id}
        nameOf={({ name }) => name}
        search={search}
        onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      />
    </Page>
  );
}
