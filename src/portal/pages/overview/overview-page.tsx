/** src/portal/pages/overview is the first page: what needs attention, and what to do first where there is nothing yet. */
import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { networkRoutes } from '../../../contract/api/network.ts';
import { userRoutes } from '../../../contract/api/user.ts';
import { asking } from '../../api/ask.ts';
import { useSession } from '../../app/session-context.ts';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import { findingsQuery, openProblems } from '../problems/findings-query.ts';
import { FirstSteps } from './first-steps.tsx';
import classes from './overview.module.css';

const refresh = { refetchInterval: 5_000 };

export function OverviewPage() {
  const { t } = useTranslation();
  const { wpc } = useSession();
  const networks = useQuery({ ...asking(networkRoutes.list, { query: { size: 1_000 } }), ...refresh });
  const users = useQuery({ ...asking(userRoutes.list, { query: { size: 1_000 } }), ...refresh });
  const findings = useQuery(findingsQuery);
  const problem = networks.error ?? users.error;
  if (problem !== null)
    return <PageProblem error={problem} onRetry={() => void Promise.all([networks.refetch(), users.refetch()])} />;
  if (networks.data === undefined || users.data === undefined) return <PageLoader />;
  const problems = findings.data === undefined ? [] : openProblems(findings.data);
  const connectors = networks.data.content.flatMap((network) => network.connectors);
  const isOnline = ({ connectionStatus }: { readonly connectionStatus: string }) => connectionStatus === 'ONLINE';
  const steps = {
    hasNetwork: networks.data.totalElements > 0,
    hasConnector: connectors.some(isOnline),
    hasPerson: users.data.totalElements > 1,
  };
  return (
    <Page title={t('overview.title')} lead={<bdi>{wpc.name}</bdi>}>
      {problems.length > 0 && (
        <section className={classes.attention} aria-labelledby="attention">
          <Title order={2} id="attention">
            {t('overview.attention')}
          </Title>
          <ul>
            {problems.slice(0, 5).map((finding) => (
              <li key={`${finding.code} ${finding.object.id}`}>
                <TextLink to="/problems">
                  <bdi>{finding.title}</bdi>
                </TextLink>
              </li>
            ))}
          </ul>
        </section>
      )}
      {Object.values(steps).includes(false) && <FirstSteps {...steps} />}
      <dl className={classes.counts}>
        <Count label={t('overview.networks')} to="/networks" value={String(networks.data.totalElements)} />
        <Count
          label={t('overview.connectors')}
          to="/networks"
          value={t('overview.onlineOf', { online: connectors.filter(isOnline).length, all: connectors.length })}
        />
        <Count
          label={t('overview.people')}
          value={t('overview.onlineOf', { online: users.data.content.filter(isOnline).length, all: users.data.totalElements })}
        />
      </dl>
    </Page>
  );
}

function Count({ label, value, to }: { readonly label: string; readonly value: string; readonly to?: '/networks' }) {
  return (
    <div className={classes.count}>
      <Text component="dt" size="sm" c="dimmed">
        {to === undefined ? label : <Link to={to}>{label}</Link>}
      </Text>
      <Text component="dd" size="xl" fw={600}>
        {value}
      </Text>
    </div>
  );
}
