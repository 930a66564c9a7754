import { Button, PasswordInput, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ownAccountRoutes } from '../../../contract/api/own-account.ts';
import { call } from '../../api/call.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { NewPasswordInput } from '../../parts/new-password-input.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import classes from './account.module.css';

/** PasswordSection changes the own password, which ends the other sessions. */
export function PasswordSection({ changedAt }: { readonly changedAt: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [isDone, setDone] = useState(false);
  const form = useContractForm({
    schema: ownAccountRoutes.changePassword.body,
    initial: { current: '', password: '' },
    labels: { current: t('account.currentPassword'), password: t('account.newPassword') },
    submit: async (body) => {
      await call(ownAccountRoutes.changePassword, { body });
      form.clear();
      setDone(true);
      await client.invalidateQueries({ queryKey: [ownAccountRoutes.security.path] });
      await client.invalidateQueries({ queryKey: [ownAccountRoutes.sessions.path] });
    },
  });
  return (
    <section className={classes.section}>
      <Title order={2}>{t('account.password')}</Title>
      <Text size="sm" c="dimmed">
        {t('account.passwordChanged')} <RelativeTime at={changedAt} />. {t('account.passwordEnds')}
      </Text>
      <form {...form.form} className={classes.form}>
        <PasswordInput {...form.field('current')} autoComplete="current-password" />
        <NewPasswordInput {...form.field('password')} />
        <FormFailure failure={form.failure} />
        <div role="status">{isDone && <StateMark state="up" word={t('account.passwordDone')} />}</div>
        <div>
          <Button type="submit" loading={form.isSending}>
            {t('account.changePassword')}
          </Button>
        </div>
      </form>
    </section>
  );
}
