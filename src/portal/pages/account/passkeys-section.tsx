import { Button, Group, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { accountSecurity } from '../../../contract/api/own-account.ts';
import { ownAccountRoutes } from '../../../contract/api/own-account.ts';
import type { NewPasskeyCredential } from '../../../contract/api/passkey.ts';
import { passkeyRoutes } from '../../../contract/api/passkey.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import { useSession } from '../../app/session-context.ts';
import { makePasskey } from '../../parts/passkey.ts';
import { ReasonedButton } from '../../parts/reasoned-button.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import classes from './account.module.css';
import { NamePasskeyForm } from './name-passkey-form.tsx';
import { PasswordForm } from './password-form.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

/** What the password is asked for: to add a passkey, to take this one away, or for new recovery codes. */
type Purpose = 'add' | 'codes' | { readonly remove: string };

type Step =
  | { readonly kind: 'idle' }
  | { readonly kind: 'password'; readonly for: Purpose }
  | { readonly kind: 'name'; readonly credential: NewPasskeyCredential }
  | { readonly kind: 'codes'; readonly codes: readonly string[] };

/** PasskeysSection lists the own passkeys, adds and removes them. Where browsers would refuse one, it says what that needs. */
export function PasskeysSection({ security }: { readonly security: z.infer<typeof accountSecurity> }) {
  const { t } = useTranslation();
  const { server } = useSession();
  const client = useQueryClient();
  const passkeys = useQuery(asking(passkeyRoutes.list));
  const [step, setStep] = useState<Step>({ kind: 'idle' });
  const idle = () => setStep({ kind: 'idle' });

  const refresh = async () =>
    await Promise.all(
      [passkeyRoutes.list, ownAccountRoutes.security].map(
        async ({ path }) => await client.invalidateQueries({ queryKey: [path] }),
      ),
    );

  const withPassword = async (purpose: Purpose, password: string): Promise<void> => {
    const body = { password };
    if (purpose === 'add') {
      const { options } = await call(passkeyRoutes.startAdding, { body });
      const credential = await makePasskey(options);
      setStep(credential === null ? { kind: 'idle' } : { kind: 'name', credential });
      return;
    }
    if (purpose === 'codes') setStep({ kind: 'codes', codes: (await call(ownAccountRoutes.newRecoveryCodes, { body })).codes });
    else {
      await call(passkeyRoutes.remove, { params: { id: purpose.remove }, body });
      idle();
    }
    await refresh();
  };
  // Where there is an app, its section has them.
  const hasCodes = !security.hasTotp && passkeys.data !== undefined && passkeys.data.length > 0;

  const mustStay = security.secondFactor === 'REQUIRED' && !security.hasTotp && passkeys.data?.length === 1;

  return (
    <section className={classes.section}>
      <Title order={2}>{t('passkeys.title')}</Title>
      <Text size="sm" c="dimmed">
        {server.allowsPasskeys ? t('passkeys.lead') : t('passkeys.needName', { hostname: server.hostname })}
      </Text>
      {passkeys.data !== undefined && passkeys.data.length > 0 && (
        <div className={classes.wide}>
          <Table label={t('passkeys.title')} columns={[t('passkeys.name'), t('passkeys.added'), t('passkeys.used'), '']}>
            {passkeys.data.map((key) => (
              <tr key={key.id}>
                <td>
                  <bdi className={tableClasses.name}>{key.name}</bdi>
                </td>
                <td>
                  <RelativeTime at={key.createdAt} />
                </td>
                <td>{key.lastUsedAt === null ? '–' : <RelativeTime at={key.lastUsedAt} />}</td>
                <td>
                  <div className={tableClasses.actions}>
                    <ReasonedButton
                      variant="default"
                      size="compact-sm"
                      label={t('passkeys.removeNamed', { name: key.name })}
                      reason={mustStay ? t('account.lastFactor') : undefined}
                      onClick={() => setStep({ kind: 'password', for: { remove: key.id } })}
                    >
                      {t('passkeys.remove')}
                    </ReasonedButton>
                  </div>
                </td>
              </tr>
            ))}
          </Table>
        </div>
      )}
      {mustStay && (
        <Text size="sm" c="dimmed">
          {t('account.lastFactor')}
        </Text>
      )}
      {hasCodes && <Text size="sm">{t('passkeys.codes', { count: security.recoveryCodesLeft })}</Text>}
      {step.kind === 'idle' && (
        <Group gap="sm">
          {server.allowsPasskeys && (
            <Button onClick={() => setStep({ kind: 'password', for: 'add' })}>{t('passkeys.add')}</Button>
          )}
          {hasCodes && (
            <Button variant="default" onClick={() => setStep({ kind: 'password', for: 'codes' })}>
              {t('authenticator.newCodes')}
            </Button>
          )}
        </Group>
      )}
      {step.kind === 'password' && (
        <PasswordForm
          key={JSON.stringify(step.for)}
          lead={typeof step.for === 'string' ? t(`passkeys.password.${step.for}`) : t('passkeys.password.remove')}
          onCancel={idle}
          onPassword={async (password) => await withPassword(step.for, password)}
        />
      )}
      {step.kind === 'name' && (
        <NamePasskeyForm
          credential={step.credential}
          onAdded={(codes) => {
            setStep(codes.length === 0 ? { kind: 'idle' } : { kind: 'codes', codes });
            void refresh();
          }}
        />
      )}
      {step.kind === 'codes' && <RecoveryCodes codes={step.codes} onDone={idle} />}
    </section>
  );
}
