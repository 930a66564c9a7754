/** src/portal/pages/problems is the doctor's list: what is wrong with what is configured, why, and what mends it. */
import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { FindingAnswer } from '../../../contract/api/trace.ts';
import { CommandBlock } from '../../parts/command-block.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { findingsQuery, openProblems } from './findings-query.ts';
import classes from './problems.module.css';

export function ProblemsPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(findingsQuery);
  if (error !== null) return <PageProblem error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <PageLoader />;
  const problems = openProblems(data);
  return (
    <Page title={t('problems.title')} lead={t('problems.lead')}>
      {problems.length === 0 ? (
        <EmptyState title={t('problems.none')}>{t('problems.noneText')}</EmptyState>
      ) : (
        problems.map((finding) => (
          <Finding key={`${finding.code} ${finding.object.id} ${finding.direction ?? ''}`} finding={finding} />
        ))
      )}
    </Page>
  );
}

function Finding({ finding }: { readonly finding: FindingAnswer }) {
  const { t } = useTranslation();
  return (
    <article className={classes.finding}>
      <StateMark
        state={finding.severity === 'error' ? 'down' : 'degraded'}
        word={finding.severity === 'error' ? t('problems.error') : t('problems.warning')}
      />
      <Title order={2}>
        <bdi>{finding.title}</bdi>
      </Title>
      <Text>{finding.explanation}</Text>
      {finding.quote !== null && <CommandBlock text={finding.quote} label={t('problems.quote')} />}
      {finding.fixes.slice(0, 1).map((fix) => (
        <div key={fix.title} className={classes.fix}>
          <Text fw={600} size="sm">
            {fix.title}
          </Text>
          <Text size="sm" c="dimmed">
            {fix.where}
          </Text>
          {fix.commands.length > 0 && <CommandBlock text={fix.commands.join('\n')} label={fix.title} />}
          <Text size="sm" c="dimmed">
            {fix.risk}
          </Text>
        </div>
      ))}
      <Text size="xs" c="dimmed">
        <code>{finding.code}</code>
      </Text>
    </article>
  );
}
