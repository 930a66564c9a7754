import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { webSessionRoutes } from '../../../contract/api/web-session.ts';
import { call } from '../../api/call.ts';
import { Entrance } from '../../parts/entrance.tsx';
import classes from '../../parts/entrance.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { addTexts } from '../../texts/add-texts.ts';
import { enSignInSteps } from '../../texts/en-sign-in-steps.ts';

addTexts(enSignInSteps);

type Properties = { readonly username: string; readonly onBack: () => void };

/** ForgottenPassword has a link mailed. What it says afterwards is the same whether there is such an account or not. */
export function ForgottenPassword({ username, onBack }: Properties) {
  const { t } = useTranslation();
  const [isSent, setSent] = useState(false);
  const form = useContractForm({
    schema: webSessionRoutes.startReset.body,
    initial: { email: username },
    labels: { email: t('signIn.email') },
    submit: async (body) => {
      await call(webSessionRoutes.startReset, { body });
      setSent(true);
    },
  });
  return (
    <Entrance title={t('forgotten.title')} lead={isSent ? t('forgotten.sent') : t('forgotten.lead')}>
      <form {...form.form} className={classes.form}>
        {!isSent && <TextInput {...form.field('email')} type="email" autoComplete="username" autoFocus />}
        <FormFailure failure={form.failure} />
        <Group gap="sm">
          {!isSent && (
            <Button type="submit" loading={form.isSending}>
              {t('forgotten.submit')}
            </Button>
          )}
          <Button variant="default" onClick={onBack}>
            {t('forgotten.back')}
          </Button>
        </Group>
      </form>
    </Entrance>
  );
}
