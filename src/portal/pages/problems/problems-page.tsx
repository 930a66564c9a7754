/** src/portal/pages/problems is the doctor's list: what is wrong with what is configured, why, and what mends it. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { FindingCard } from '../../findings/finding-card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { Conditions } from './conditions.tsx';
import { housekeepingQuery } from './housekeeping-query.ts';
import { findingsQuery, openProblems } from './findings-query.ts';

export function ProblemsPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(findingsQuery);
  const kept = useQuery(housekeepingQuery);
  if (error !== null) return <PageProblem error={error} onRetry={() => void refetch()} />;
  if (data === undefined || kept.isPending) return <PageLoader />;
  const problems = openProblems(data);
  const conditions = kept.data?.conditions ?? [];
  return (
    <Page title={t('problems.title')} lead={t('problems.lead')}>
      {conditions.length > 0 && <Conditions conditions={conditions} />}
      {kept.error !== null && <PageProblem error={kept.error} onRetry={() => void kept.refetch()} />}
      {problems.length === 0 && conditions.length === 0 ? (
        <EmptyState title={t('problems.none')}>{t('problems.noneText')}</EmptyState>
      ) : (
        problems.map((finding) => (
          <FindingCard key={`${finding.code} ${finding.object.id} ${finding.direction ?? ''}`} finding={finding} />
        ))
      )}
    </Page>
  );
}
