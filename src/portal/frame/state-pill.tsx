import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { findingsQuery, openProblems } from '../pages/problems/findings-query.ts';
import { StateMark } from '../parts/state-mark.tsx';
import classes from './top-bar.module.css';

/** StatePill says in one word how everything is, and opens the list of problems. */
export function StatePill() {
  const { t } = useTranslation();
  const { data, isError } = useQuery(findingsQuery);
  const problems = data === undefined ? [] : openProblems(data);
  const mark = (() => {
    if (data === undefined)
      return isError ? (
        <StateMark state="unknown" word={t('pill.unknown')} />
      ) : (
        <StateMark state="pending" word={t('pill.looking')} />
      );
    if (problems.length === 0) return <StateMark state="up" word={t('pill.none')} />;
    const isBroken = problems.some(({ severity }) => severity === 'error');
    return <StateMark state={isBroken ? 'down' : 'degraded'} word={t('pill.problems', { count: problems.length })} />;
  })();
  return (
    <Link to="/problems" className={classes.pill}>
      {mark}
    </Link>
  );
}
