import { Button, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { NewPasskeyCredential } from '../../../contract/api/passkey.ts';
import { passkeyRoutes } from '../../../contract/api/passkey.ts';
import { call } from '../../api/call.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import classes from './account.module.css';

type Properties = {
  readonly credential: NewPasskeyCredential;
  readonly onAdded: (codes: readonly string[]) => void;
};

/** NamePasskeyForm keeps a passkey that was made, under the name that tells it from others. */
export function NamePasskeyForm({ credential, onAdded }: Properties) {
  const { t } = useTranslation();
  const form = useContractForm({
    schema: passkeyRoutes.add.body.pick({ name: true }),
    initial: { name: '' },
    labels: { name: t('passkeys.name') },
    fieldOf: { credential: '' },
    submit: async ({ name }) => onAdded((await call(passkeyRoutes.add, { body: { name, credential } })).codes),
  });
  return (
    <form {...form.form} className={classes.form}>
      <TextInput {...form.field('name')} description={t('passkeys.nameHelp')} autoComplete="off" autoFocus />
      <FormFailure failure={form.failure} />
      <Button type="submit" loading={form.isSending}>
        {t('passkeys.keep')}
      </Button>
    </form>
  );
}
