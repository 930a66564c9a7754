import { UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './copyable.module.css';
import { useCopy } from './use-copy.ts';

/** Address is an address, prefix or name as machines write it: in mono, and a click copies it. */
export function Address({ value }: { readonly value: string }) {
  const { t } = useTranslation();
  const { isCopied, copy } = useCopy(value);
  return (
    <UnstyledButton className={classes.address} onClick={copy} title={t('copyValue', { value })}>
      {isCopied ? t('copied') : value}
    </UnstyledButton>
  );
}
