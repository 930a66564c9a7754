import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { TextLink } from '../../parts/text-link.tsx';
import classes from './overview.module.css';

type Properties = { readonly hasNetwork: boolean; readonly hasConnector: boolean; readonly hasPerson: boolean };

/** FirstSteps leads from nothing to a network that somebody can reach. The steps tick themselves off. */
export function FirstSteps({ hasNetwork, hasConnector, hasPerson }: Properties) {
  const { t } = useTranslation();
  return (
    <section className={classes.steps} aria-labelledby="first-steps">
      <Title order={2} id="first-steps">
        {t('firstSteps.title')}
      </Title>
      <ol>
        <Step isDone={hasNetwork} text={t('firstSteps.networkText')}>
          <TextLink to="/networks" search={{ panel: 'add' }}>
            {t('firstSteps.network')}
          </TextLink>
        </Step>
        <Step isDone={hasConnector} text={t('firstSteps.connectorText')}>
          <TextLink to="/networks">{t('firstSteps.connector')}</TextLink>
        </Step>
        <Step isDone={hasPerson} text={t('firstSteps.personText')}>
          <TextLink to="/users" search={{ panel: 'add' }}>
            {t('firstSteps.person')}
          </TextLink>
        </Step>
      </ol>
    </section>
  );
}

function Step({ isDone, text, children }: { readonly isDone: boolean; readonly text: string; readonly children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <li data-done={isDone || undefined}>
      <span className={classes.stepTitle}>
        {children}
        {isDone && <span className={classes.done}> ✓ {t('firstSteps.done')}</span>}
      </span>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </li>
  );
}
