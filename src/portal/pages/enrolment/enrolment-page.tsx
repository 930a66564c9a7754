/** src/portal/pages/enrolment is what somebody sees of whom a second factor is demanded, until there is one: adding it, and nothing else. */
import { Anchor, Button, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { totpStart } from '../../../contract/api/own-account.ts';
import { ownAccountRoutes } from '../../../contract/api/own-account.ts';
import type { NewPasskeyCredential } from '../../../contract/api/passkey.ts';
import { passkeyRoutes } from '../../../contract/api/passkey.ts';
import { webSessionRoutes } from '../../../contract/api/web-session.ts';
import { call } from '../../api/call.ts';
import { useSession } from '../../app/session-context.ts';
import { useSessionChange } from '../../app/use-session-change.ts';
import { Entrance } from '../../parts/entrance.tsx';
import { makePasskey } from '../../parts/passkey.ts';
import { ConfirmCodeForm } from '../account/confirm-code-form.tsx';
import { NamePasskeyForm } from '../account/name-passkey-form.tsx';
import { PasswordForm } from '../account/password-form.tsx';
import { RecoveryCodes } from '../account/recovery-codes.tsx';

type Way = 'totp' | 'passkey';

type Step =
  | { readonly kind: 'choose' }
  | { readonly kind: 'password'; readonly for: Way }
  | { readonly kind: 'confirm'; readonly start: z.infer<typeof totpStart> }
  | { readonly kind: 'name'; readonly credential: NewPasskeyCredential }
  | { readonly kind: 'codes'; readonly codes: readonly string[] };

/**
 * EnrolmentPage stands at the address of the page that was asked for, which follows when the recovery codes are kept: they are shown once, so the
 * session is looked at no sooner.
 */
export function EnrolmentPage() {
  const { t } = useTranslation();
  const { person, server } = useSession();
  const client = useQueryClient();
  const [step, setStep] = useState<Step>({ kind: 'choose' });
  const signOut = useSessionChange(async () => await call(webSessionRoutes.signOut));
  const choose = () => setStep({ kind: 'choose' });

  const withPassword = async (way: Way, password: string): Promise<void> => {
    const body = { password };
    if (way === 'totp') {
      setStep({ kind: 'confirm', start: await call(ownAccountRoutes.startTotp, { body }) });
      return;
    }
    const { options } = await call(passkeyRoutes.startAdding, { body });
    const credential = await makePasskey(options);
    setStep(credential === null ? { kind: 'choose' } : { kind: 'name', credential });
  };
  const show = (codes: readonly string[]) => setStep({ kind: 'codes', codes });

  return (
    <Entrance title={t('enrolment.title')} lead={t('enrolment.lead')}>
      {step.kind === 'choose' && (
        <>
          <Text size="sm">
            {t('enrolment.signedIn')} <bdi>{person?.username}</bdi>
          </Text>
          {server.allowsPasskeys && (
            <Button onClick={() => setStep({ kind: 'password', for: 'passkey' })}>{t('passkeys.add')}</Button>
          )}
          <Button
            variant={server.allowsPasskeys ? 'default' : 'filled'}
            onClick={() => setStep({ kind: 'password', for: 'totp' })}
          >
            {t('authenticator.start')}
          </Button>
          <Text size="sm" c="dimmed">
            {server.allowsPasskeys ? t('enrolment.ways') : t('enrolment.onlyApp')}
          </Text>
        </>
      )}
      {step.kind === 'password' && (
        <PasswordForm
          lead={t('enrolment.password')}
          onCancel={choose}
          onPassword={async (password) => await withPassword(step.for, password)}
        />
      )}
      {step.kind === 'confirm' && <ConfirmCodeForm start={step.start} onCancel={choose} onConfirmed={show} />}
      {step.kind === 'name' && <NamePasskeyForm credential={step.credential} onAdded={show} />}
      {step.kind === 'codes' ? (
        <RecoveryCodes
          codes={step.codes}
          onDone={() => void client.invalidateQueries({ queryKey: [webSessionRoutes.read.path] })}
        />
      ) : (
        <Anchor component="button" size="sm" onClick={() => signOut.mutate(undefined)}>
          {t('accountMenu.signOut')}
        </Anchor>
      )}
    </Entrance>
  );
}
