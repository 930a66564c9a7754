import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/Checkbox.css';
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
import { PasskeyButton } from './passkey-button.tsx';
import { addTexts } from '../../texts/add-texts.ts';
import { enSignInSteps } from '../../texts/en-sign-in-steps.ts';

addTexts(enSignInSteps);

type Method = 'totp' | 'recovery-code';
type Way = Method | 'passkey';

/** What is asked for first, where there are several. */
const order: readonly Way[] = ['passkey', 'totp', 'recovery-code'];

/** SecondFactorStep asks for a passkey, a code of the authenticator app, or one of the recovery codes. */
export function SecondFactorStep() {
  const { t } = useTranslation();
  const { factors, server } = useSession();
  const ways = order.filter((way) => factors.includes(way));
  const [way, setWay] = useState<Way>(ways[0] ?? 'recovery-code');
  const [trustsDevice, setTrusts] = useState(false);
  const signOut = useSessionChange(async () => await call(webSessionRoutes.signOut));
  return (
    <Entrance title={t('secondFactor.title')} lead={t(`secondFactor.leads.${way}`)}>
      {way === 'passkey' ? (
        <PasskeyButton as="use" trustsDevice={trustsDevice} />
      ) : (
        <CodeForm key={way} method={way} trustsDevice={trustsDevice} />
      )}
      {server.trustsBrowsers && (
        <Checkbox
          label={t('secondFactor.trust')}
          checked={trustsDevice}
          onChange={(event) => setTrusts(event.currentTarget.checked)}
        />
      )}
      {ways
        .filter((other) => other !== way)
        .map((other) => (
          <Anchor key={other} component="button" size="sm" onClick={() => setWay(other)}>
            {t(`secondFactor.uses.${other}`)}
          </Anchor>
        ))}
      <Anchor component="button" size="sm" onClick={() => signOut.mutate(undefined)}>
        {t('secondFactor.other')}
      </Anchor>
    </Entrance>
  );
}

function CodeForm({ method, trustsDevice }: { readonly method: Method; readonly trustsDevice: boolean }) {
  const { t } = useTranslation();
  const give = useSessionChange(
    async (body: z.output<typeof secondFactorRequest>) => await call(webSessionRoutes.secondFactor, { body }),
  );
  const form = useContractForm({
    schema: secondFactorRequest.pick({ code: true }),
    initial: { code: '' },
    labels: { code: method === 'totp' ? t('secondFactor.totp') : t('secondFactor.recoveryCode') },
    submit: async ({ code }) => await give.mutateAsync({ method, code, trustsDevice }),
  });
  return (
    <form {...form.form} className={classes.form}>
      <TextInput
        {...form.field('code')}
        autoComplete={method === 'totp' ? 'one-time-code' : 'off'}
        inputMode={method === 'totp' ? 'numeric' : 'text'}
        spellCheck={false}
        autoFocus
      />
      <FormFailure failure={form.failure} />
      <Button type="submit" loading={form.isSending}>
        {t('secondFactor.submit')}
      </Button>
    </form>
  );
}
