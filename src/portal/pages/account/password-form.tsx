import { Button, Group, PasswordInput, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ownAccountRoutes } from '../../../contract/api/own-account.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import classes from './account.module.css';

type Properties = {
  /** What the password is asked for. */
  readonly lead: string;
  readonly onPassword: (password: string) => Promise<void>;
  readonly onCancel: () => void;
};

/** PasswordForm asks for the own password before something that a stolen browser must not do. */
export function PasswordForm({ lead, onPassword, onCancel }: Properties) {
  const { t } = useTranslation();
  const form = useContractForm({
    schema: ownAccountRoutes.startTotp.body,
    initial: { password: '' },
    labels: { password: t('account.currentPassword') },
    submit: async ({ password }) => await onPassword(password),
  });
  return (
    <form {...form.form} className={classes.form}>
      <Text size="sm">{lead}</Text>
      <PasswordInput {...form.field('password')} autoComplete="current-password" autoFocus />
      <FormFailure failure={form.failure} />
      <Group gap="sm">
        <Button type="submit" loading={form.isSending}>
          {t('account.continue')}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {t('cancel')}
        </Button>
      </Group>
    </form>
  );
}
