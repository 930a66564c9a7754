import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { findingsQuery, openProblems } from '../pages/problems/findings-query.ts';
import { housekeepingQuery, isUrgent } from '../pages/problems/housekeeping-query.ts';
import { StateMark } from '../parts/state-mark.tsx';
import classes from './top-bar.module.css';

/** StatePill says in one word how everything is, and opens the list of problems. */
export function StatePill() {
  const { t } = useTranslation();
  const { data, isError } = useQuery(findingsQuery);
  const kept = useQuery(housekeepingQuery);
  const problems = data === undefined ? [] : openProblems(data);
  const mark = (() => {
    if (data === undefined)
      return isError ? (
        <StateMark state="unknown" word={t('pill.unknown')} />
      ) : (
        <StateMark state="pending" word={t('pill.looking')} />
      );
    const conditions = kept.data?.conditions ?? [];
    const count = problems.length + conditions.length;
    if (count === 0) return <StateMark state="up" word={t('pill.none')} />;
    const isBroken = problems.some(({ severity }) => severity === 'error') || conditions.some(isUrgent);
    return <StateMark state={isBroken ? 'down' : 'degraded'} word={t('pill.problems', { count })} />;
  })();
  return (
    <Link to="/problems" className={classes.pill}>
      {mark}
    </Link>
  );
}
