import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CommandBlock } from '../../parts/command-block.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import type { Need } from './flow-ends.ts';
import classes from './learn.module.css';

/** MissingForFlow says what a flow lacks here, with the way to where it is made. */
export function MissingForFlow({ needs }: { readonly needs: readonly Need[] }) {
  const { t } = useTranslation();
  return (
    <section className={classes.missing} aria-label={t('learn.missing')}>
      <Text fw={600}>{t('learn.missingText')}</Text>
      <ul>
        {needs.map((need) => (
          <li key={need}>
            {t(`learn.needs.${need}`)} <Remedy need={need} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Remedy({ need }: { readonly need: Need }) {
  const { t } = useTranslation();
  switch (need) {
    case 'person':
      return <CommandBlock text="causeway device create laptop --user NAME" label={t('learn.needs.person')} />;
    case 'network':
    case 'secondNetwork':
      return (
        <TextLink to="/networks" search={{ panel: 'add' }}>
          {t('learn.addNetwork')}
        </TextLink>
      );
    case 'internetPerson':
    case 'gateway':
      return <TextLink to="/internet">{t('learn.changeInternet')}</TextLink>;
  }
}
