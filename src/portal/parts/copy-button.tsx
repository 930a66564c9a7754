import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCopy } from './use-copy.ts';

/** CopyButton copies `text`; `label` says what it is where that is not beside it. */
export function CopyButton({ text, label }: { readonly text: string; readonly label?: string }) {
  const { t } = useTranslation();
  const { isCopied, copy } = useCopy(text);
  return (
    <Button variant="default" size="compact-sm" onClick={copy} aria-live="polite">
      {isCopied ? t('copied') : (label ?? t('copy'))}
    </Button>
  );
}
