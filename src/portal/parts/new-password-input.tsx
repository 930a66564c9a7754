import { PasswordInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FieldProperties } from './use-contract-form.ts';
import '../texts/texts-links.ts';

/** NewPasswordInput asks for a password once: it can be made visible, which finds slips of the pen better than typing it twice. */
export function NewPasswordInput(properties: FieldProperties<string> & { readonly autoFocus?: boolean }) {
  const { t } = useTranslation();
  const length = Array.from(properties.value).length;
  return (
    <PasswordInput
      {...properties}
      autoComplete="new-password"
      description={length === 0 ? t('newPassword.rule') : t('newPassword.soFar', { count: length })}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
    />
  );
}
