import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../parts/copy-button.tsx';
import classes from './account.module.css';

type Properties = { readonly codes: readonly string[]; readonly onDone: () => void };

/** RecoveryCodes shows new codes, which happens once. */
export function RecoveryCodes({ codes, onDone }: Properties) {
  const { t } = useTranslation();
  return (
    <>
      <Text size="sm" role="status">
        {t('recovery.lead')}
      </Text>
      <ul className={classes.codes} aria-label={t('recovery.codes')}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Group gap="sm">
        <Button onClick={onDone}>{t('recovery.done')}</Button>
        <CopyButton text={codes.join('\n')} label={t('recovery.copy')} />
      </Group>
    </>
  );
}
