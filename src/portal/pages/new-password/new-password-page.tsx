/** src/portal/pages/new-password sets a new password with the link of a mail, or one that an administrator handed over. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { linkToken } from '../../../contract/api/person.ts';
import { webSessionRoutes } from '../../../contract/api/web-session.ts';
import { call } from '../../api/call.ts';
import { Entrance } from '../../parts/entrance.tsx';
import classes from '../../parts/entrance.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { takeLinkSecret } from '../../parts/link-secret.ts';
import { NewPasswordInput } from '../../parts/new-password-input.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import '../../texts/texts-links.ts';

const asked = webSessionRoutes.completeReset.body.omit({ token: true });

/** NewPasswordPage ends with the way to the sign-in: the new password is proven there, with the second factor. */
export function NewPasswordPage() {
  const { t } = useTranslation();
  const [token] = useState(takeLinkSecret);
  const [isDone, setDone] = useState(false);
  const form = useContractForm({
    schema: asked,
    initial: { password: '' },
    labels: { password: t('reset.password') },
    submit: async ({ password }) => {
      await call(webSessionRoutes.completeReset, { body: { token, password } });
      setDone(true);
    },
  });
  const isWhole = linkToken.safeParse(token).success;
  return (
    <Entrance title={t('reset.title')} lead={isDone ? t('reset.done') : isWhole ? t('reset.lead') : t('reset.withoutLink')}>
      {isWhole && !isDone ? (
        <form {...form.form} className={classes.form}>
          <NewPasswordInput {...form.field('password')} autoFocus />
          <FormFailure failure={form.failure} />
          <Button type="submit" loading={form.isSending}>
            {t('reset.submit')}
          </Button>
        </form>
      ) : (
        <Button component="a" href="/">
          {t('reset.toSignIn')}
        </Button>
      )}
    </Entrance>
  );
}
