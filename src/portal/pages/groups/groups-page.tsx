/** src/portal/pages/groups: the list of user groups, and what holds for the people in each: regions, internet access, signing in at connect. */
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { userGroupDetailsRoutes } from '../../../contract/api/user-group-details.ts';
import { useListed } from '../../api/ask-list.ts';
import { ObjectList } from '../../parts/list/object-list.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { AddGroupPanel } from './add-group-panel.tsx';
import { useGroupColumns } from './group-columns.tsx';
import { GroupPanel } from './group-panel.tsx';

const route = getRouteApi('/groups');

export function GroupsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, current: group, error, refetch } = useListed(userGroupDetailsRoutes.list, search.id);
  const columns = useGroupColumns();
  if (error !== null) return <PageProblem error={error} onRetry={refetch} />;
  if (data === undefined) return <PageLoader />;
  const close = () => void navigate({ search: ({ panel: _panel, id: _id, ...others }) => others });
  const panel = (() => {
    if (search.panel === 'add') return <AddGroupPanel onClose={close} />;
    if (group === undefined) return undefined;
    return <GroupPanel key={group.id} group={group} onClose={close} />;
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
        list={data}
        route={userGroupDetailsRoutes.list}
        columns={columns}
        idOf={({ id }) => id}
        nameOf={({ name }) => name}
        search={search}
        onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      />
    </Page>
  );
}
