/** src/portal/pages/learn walks through the tutorial's three flows on the operator's own network, machine by machine (portal.md 4). */
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { networkRoutes } from '../../../contract/api/network.ts';
import { traceRoutes } from '../../../contract/api/trace.ts';
import { userGroupRoutes } from '../../../contract/api/user-group.ts';
import { userRoutes } from '../../../contract/api/user.ts';
import { askingAll } from '../../api/ask-all.ts';
import { asking } from '../../api/ask.ts';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { TabLink, Tabs } from '../../parts/tabs.tsx';
import { addTexts } from '../../texts/add-texts.ts';
import { enLearn } from '../../texts/en-learn.ts';
import { FlowForm } from './flow-form.tsx';
import { flowEnds } from './flow-ends.ts';
import { learnFlows } from './learn-search.ts';
import { MissingForFlow } from './missing-for-flow.tsx';
import { SupposedWalk } from './supposed-walk.tsx';
import classes from './learn.module.css';

addTexts(enLearn);

const route = getRouteApi('/learn');

export function LearnPage() {
  const { t } = useTranslation();
  const { flow = learnFlows[0], id } = route.useSearch();
  const networks = useQuery(askingAll(networkRoutes.list));
  const users = useQuery(askingAll(userRoutes.list));
  const groups = useQuery(askingAll(userGroupRoutes.list));
  const kept = useQuery({ ...asking(traceRoutes.read, { params: { id: id ?? '' } }), enabled: id !== undefined });
  const parts = [networks, users, groups, kept];
  const error = parts.find((part) => part.error !== null)?.error ?? null;
  if (error !== null)
    return <PageProblem error={error} onRetry={() => void Promise.all(parts.map(async ({ refetch }) => await refetch()))} />;
  if (networks.data === undefined || users.data === undefined || groups.data === undefined) return <PageLoader />;
  const ends = flowEnds(flow, {
    networks: networks.data,
    users: users.data,
    groups: groups.data,
  });
  return (
    <Page title={t('learn.title')} lead={t('learn.lead')}>
      <Tabs label={t('learn.flows')}>
        {learnFlows.map((each) => (
          <TabLink key={each} to="/learn" search={{ flow: each }} isOpen={each === flow}>
            {t(`learn.tabs.${each}`)}
          </TabLink>
        ))}
      </Tabs>
      <Text className={classes.about}>{t(`learn.about.${flow}`)}</Text>
      {ends.kind === 'missing' ? <MissingForFlow needs={ends.needs} /> : <FlowForm key={flow} flow={flow} ends={ends} />}
      {id !== undefined &&
        (kept.data === undefined ? <PageLoader /> : <SupposedWalk key={id} trace={kept.data} networks={networks.data} />)}
    </Page>
  );
}
