import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ConditionAnswer } from '../../../contract/api/housekeeping.ts';
import { StateMark } from '../../parts/state-mark.tsx';
import { isUrgent } from './housekeeping-query.ts';
import classes from './problems.module.css';

/** Conditions are what the installation cannot mend by itself: certificates that end, disk and clock. */
export function Conditions({ conditions }: { readonly conditions: readonly ConditionAnswer[] }) {
  const { t } = useTranslation();
  return (
    <section className={classes.conditions} aria-labelledby="conditions">
      <Title order={2} id="conditions">
        {t('problems.installation')}
      </Title>
      <ul>
        {conditions.map((condition) => (
          <li key={`${condition.code} ${condition.entity} ${condition.entityId}`}>
            <StateMark
              state={isUrgent(condition) ? 'down' : 'degraded'}
              word={t(`findings.severities.${isUrgent(condition) ? 'error' : 'warning'}`)}
            />
            <bdi>{condition.message}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}
