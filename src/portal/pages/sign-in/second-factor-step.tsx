import { Anchor, Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import { secondFactorRequest, webSessionRoutes } from '../../../contract/api/web-session.ts';
import { call } from '../../api/call.ts';
import { useSession } from '../../app/session-context.ts';
import { useSessionChange } from '../../app/use-session-change.ts';
import { Entrance } from '../../parts/entrance.tsx';
import classes from '../../parts/entrance.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';

type Method = 'totp' | 'recovery-code';

/** SecondFactorStep asks for a code of the authenticator app, or one of the recovery codes. */
export function SecondFactorStep() {
  const { factors } = useSession();
  const [method, setMethod] = useState<Method>(factors.includes('totp') ? 'totp' : 'recovery-code');
  const other: Method = method === 'totp' ? 'recovery-code' : 'totp';
  return (
    <CodeForm key={method} method={method} other={factors.includes(other) ? other : undefined} onOther={() => setMethod(other)} />
  );
}

type Properties = { readonly method: Method; readonly other: Method | undefined; readonly onOther: () => void };

function CodeForm({ method, other, onOther }: Properties) {
  const { t } = useTranslation();
  const give = useSessionChange(
    async (body: z.output<typeof secondFactorRequest>) => await call(webSessionRoutes.secondFactor, { body }),
  );
  const signOut = useSessionChange(async () => await call(webSessionRoutes.signOut));
  const form = useContractForm({
    schema: secondFactorRequest,
    initial: { method, code: '', trustsDevice: false },
    labels: { code: method === 'totp' ? t('secondFactor.totp') : t('secondFactor.recoveryCode') },
    submit: give.mutateAsync,
  });
  return (
    <Entrance
      title={t('secondFactor.title')}
      lead={method === 'totp' ? t('secondFactor.totpLead') : t('secondFactor.recoveryLead')}
    >
      <form {...form.form} className={classes.form}>
        <TextInput
          {...form.field('code')}
          autoComplete={method === 'totp' ? 'one-time-code' : 'off'}
          inputMode={method === 'totp' ? 'numeric' : 'text'}
          spellCheck={false}
          autoFocus
        />
        <Checkbox
          label={t('secondFactor.trust')}
          checked={form.values.trustsDevice === true}
          onChange={(event) => form.set('trustsDevice', event.currentTarget.checked)}
        />
        <FormFailure failure={form.failure} />
        <Button type="submit" loading={form.isSending}>
          {t('secondFactor.submit')}
        </Button>
      </form>
      {other !== undefined && (
        <Anchor component="button" size="sm" onClick={onOther}>
          {other === 'totp' ? t('secondFactor.useTotp') : t('secondFactor.useRecoveryCode')}
        </Anchor>
      )}
      <Anchor component="button" size="sm" onClick={() => signOut.mutate(undefined)}>
        {t('secondFactor.other')}
      </Anchor>
    </Entrance>
  );
}
