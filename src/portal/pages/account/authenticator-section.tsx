import { Button, Group, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { accountSecurity, totpStart } from '../../../contract/api/own-account.ts';
import { ownAccountRoutes } from '../../../contract/api/own-account.ts';
import { passkeyRoutes } from '../../../contract/api/passkey.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import { ReasonedButton } from '../../parts/reasoned-button.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import classes from './account.module.css';
import { ConfirmCodeForm } from './confirm-code-form.tsx';
import { PasswordForm } from './password-form.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

type Step =
  | { readonly kind: 'idle' }
  | { readonly kind: 'password'; readonly for: 'start' | 'remove' | 'codes' }
  | { readonly kind: 'confirm'; readonly start: z.infer<typeof totpStart> }
  | { readonly kind: 'codes'; readonly codes: readonly string[] };

/** AuthenticatorSection turns the second factor on and off. Each step asks for the password: an unattended browser must not be enough. */
export function AuthenticatorSection({ security }: { readonly security: z.infer<typeof accountSecurity> }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const passkeys = useQuery(asking(passkeyRoutes.list));
  const [step, setStep] = useState<Step>({ kind: 'idle' });
  const refresh = async () => await client.invalidateQueries({ queryKey: [ownAccountRoutes.security.path] });
  const idle = () => setStep({ kind: 'idle' });

  const withPassword = async (purpose: 'start' | 'remove' | 'codes', password: string): Promise<void> => {
    const body = { password };
    switch (purpose) {
      case 'start':
        setStep({ kind: 'confirm', start: await call(ownAccountRoutes.startTotp, { body }) });
        break;
      case 'remove':
        await call(ownAccountRoutes.removeTotp, { body });
        idle();
        break;
      case 'codes':
        setStep({ kind: 'codes', codes: (await call(ownAccountRoutes.newRecoveryCodes, { body })).codes });
        break;
    }
    await refresh();
  };

  const mustStay = security.secondFactor === 'REQUIRED' && security.hasTotp && passkeys.data?.length === 0;

  return (
    <section className={classes.section}>
      <Title order={2}>{t('authenticator.title')}</Title>
      <Text size="sm" c="dimmed">
        {t('authenticator.lead')}
      </Text>
      {security.hasTotp ? (
        <StateMark state="up" word={t('authenticator.on', { count: security.recoveryCodesLeft })} />
      ) : (
        <StateMark state="unknown" word={t('authenticator.off')} />
      )}
      {step.kind === 'idle' && (
        <Group gap="sm">
          {security.hasTotp ? (
            <>
              <Button variant="default" onClick={() => setStep({ kind: 'password', for: 'codes' })}>
                {t('authenticator.newCodes')}
              </Button>
              <ReasonedButton
                variant="default"
                reason={mustStay ? t('account.lastFactor') : undefined}
                onClick={() => setStep({ kind: 'password', for: 'remove' })}
              >
                {t('authenticator.remove')}
              </ReasonedButton>
            </>
          ) : (
            <Button onClick={() => setStep({ kind: 'password', for: 'start' })}>{t('authenticator.start')}</Button>
          )}
        </Group>
      )}
      {mustStay && (
        <Text size="sm" c="dimmed">
          {t('account.lastFactor')}
        </Text>
      )}
      {step.kind === 'password' && (
        <PasswordForm
          lead={t(`authenticator.password.${step.for}`)}
          onCancel={idle}
          onPassword={async (password) => await withPassword(step.for, password)}
        />
      )}
      {step.kind === 'confirm' && (
        <ConfirmCodeForm
          start={step.start}
          onCancel={idle}
          onConfirmed={(codes) => {
            setStep({ kind: 'codes', codes });
            void refresh();
          }}
        />
      )}
      {step.kind === 'codes' && <RecoveryCodes codes={step.codes} onDone={idle} />}
    </section>
  );
}
