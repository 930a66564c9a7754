import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { passkeyRoutes } from '../../../contract/api/passkey.ts';
import type { PasskeyAnswer } from '../../../contract/api/passkey.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { useSessionChange } from '../../app/use-session-change.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { askForPasskey } from '../../parts/passkey.ts';
import { useMutation } from '@tanstack/react-query';

type Properties = {
  /** `use` where a passkey is what is asked for, `instead` where it stands beside another way. */
  readonly as: 'use' | 'instead';
  readonly trustsDevice?: boolean;
};

/** PasskeyButton signs in with a passkey: alone, or as the second factor where the session waits for one. */
export function PasskeyButton({ as, trustsDevice = false }: Properties) {
  const { t } = useTranslation();
  const signIn = useSessionChange(
    async (credential: PasskeyAnswer) => await call(passkeyRoutes.signIn, { body: { credential, trustsDevice } }),
  );
  const ask = useMutation({
    mutationFn: async () => {
      const { options } = await call(passkeyRoutes.startSignIn);
      const credential = await askForPasskey(options);
      if (credential !== null) await signIn.mutateAsync(credential);
    },
  });
  return (
    <>
      <FormFailure failure={ask.error instanceof ApiError ? ask.error : undefined} />
      <Button variant={as === 'use' ? 'filled' : 'default'} loading={ask.isPending} onClick={() => ask.mutate()}>
        {t('passkey.use')}
      </Button>
    </>
  );
}
