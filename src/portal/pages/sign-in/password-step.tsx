import { Anchor, Button, PasswordInput, Text, TextInput } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signInRequest, webSessionRoutes } from '../../../contract/api/web-session.ts';
import { call } from '../../api/call.ts';
import { useSession } from '../../app/session-context.ts';
import { useSessionChange } from '../../app/use-session-change.ts';
import { Entrance } from '../../parts/entrance.tsx';
import classes from '../../parts/entrance.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';

const ForgottenPassword = lazy(async () => ({ default: (await import('./forgotten-password.tsx')).ForgottenPassword }));

const PasskeyButton = lazy(async () => ({ default: (await import('./passkey-button.tsx')).PasskeyButton }));

/** PasswordStep asks for user name and password. Which of the two was wrong, the controller does not say. */
export function PasswordStep() {
  const { t } = useTranslation();
  const { server } = useSession();
  const [hasForgotten, setForgotten] = useState(false);
  const signIn = useSessionChange(
    async (body: { username: string; password: string }) => await call(webSessionRoutes.signIn, { body }),
  );
  const form = useContractForm({
    schema: signInRequest,
    initial: { username: '', password: '' },
    labels: { username: t('signIn.username'), password: t('signIn.password') },
    submit: signIn.mutateAsync,
  });
  if (hasForgotten) return <ForgottenPassword username={form.values.username} onBack={() => setForgotten(false)} />;
  return (
    <Entrance title={t('signIn.title')}>
      <form {...form.form} className={classes.form}>
        <TextInput
          {...form.field('username')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
          autoFocus
        />
        <PasswordInput {...form.field('password')} autoComplete="current-password" />
        <FormFailure failure={form.failure} />
        <Button type="submit" loading={form.isSending}>
          {t('signIn.submit')}
        </Button>
      </form>
      {server.allowsPasskeys && (
        <Suspense>
          <PasskeyButton as="instead" />
        </Suspense>
      )}
      {server.sendsMail ? (
        <Anchor component="button" size="sm" onClick={() => setForgotten(true)}>
          {t('signIn.forgotten')}
        </Anchor>
      ) : (
        <Text size="xs" c="dimmed">
          {t('signIn.forgottenWithoutMail')}
        </Text>
      )}
    </Entrance>
  );
}
