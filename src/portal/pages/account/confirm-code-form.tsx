import { Button, Group, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { totpStart } from '../../../contract/api/own-account.ts';
import { ownAccountRoutes } from '../../../contract/api/own-account.ts';
import { call } from '../../api/call.ts';
import { CommandBlock } from '../../parts/command-block.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { QrCode } from '../../parts/qr-code.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import classes from './account.module.css';
import { addTexts } from '../../texts/add-texts.ts';
import { enSignInSteps } from '../../texts/en-sign-in-steps.ts';

addTexts(enSignInSteps);

type Properties = {
  readonly start: z.infer<typeof totpStart>;
  readonly onConfirmed: (codes: readonly string[]) => void;
  readonly onCancel: () => void;
};

/** ConfirmCodeForm shows the secret to an authenticator app, and proves with a code that it is there. Until then nothing has changed. */
export function ConfirmCodeForm({ start, onConfirmed, onCancel }: Properties) {
  const { t } = useTranslation();
  const form = useContractForm({
    schema: ownAccountRoutes.confirmTotp.body,
    initial: { code: '' },
    labels: { code: t('secondFactor.totp') },
    submit: async (body) => onConfirmed((await call(ownAccountRoutes.confirmTotp, { body })).codes),
  });
  return (
    <form {...form.form} className={classes.form}>
      <Text size="sm">{t('authenticator.scan')}</Text>
      <QrCode text={start.uri} label={t('authenticator.qr')} />
      <Text size="sm">{t('authenticator.type')}</Text>
      <CommandBlock text={start.secret} label={t('authenticator.secret')} />
      <TextInput
        {...form.field('code')}
        description={t('secondFactor.leads.totp')}
        autoComplete="one-time-code"
        inputMode="numeric"
        autoFocus
      />
      <FormFailure failure={form.failure} />
      <Group gap="sm">
        <Button type="submit" loading={form.isSending}>
          {t('authenticator.confirm')}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {t('cancel')}
        </Button>
      </Group>
    </form>
  );
}
