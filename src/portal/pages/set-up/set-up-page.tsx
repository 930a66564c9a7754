/** src/portal/pages/set-up is the first run: the owner and the name of the WPC, with the link that `causeway up` printed. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { linkToken } from '../../../contract/api/person.ts';
import type { SetUpRequest } from '../../../contract/api/web-session.ts';
import { setUpRequest, webSessionRoutes } from '../../../contract/api/web-session.ts';
import { call } from '../../api/call.ts';
import { useSessionChange } from '../../app/use-session-change.ts';
import { CommandBlock } from '../../parts/command-block.tsx';
import { Entrance } from '../../parts/entrance.tsx';
import classes from '../../parts/entrance.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { takeLinkSecret } from '../../parts/link-secret.ts';
import { NewPasswordInput } from '../../parts/new-password-input.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import '../../texts/texts-links.ts';

const asked = setUpRequest.omit({ token: true });

/** SetUpPage makes the owner. Without the secret of the link it says where a link comes from. */
export function SetUpPage() {
  const { t } = useTranslation();
  const [secret] = useState(takeLinkSecret);
  if (!linkToken.safeParse(secret).success) {
    return (
      <Entrance title={t('setUp.title')} lead={t('setUp.withoutLink')}>
        <CommandBlock text="./causeway setup-link" />
      </Entrance>
    );
  }
  return <OwnerForm token={secret} />;
}

function OwnerForm({ token }: { readonly token: string }) {
  const { t } = useTranslation();
  const setUp = useSessionChange(async (body: SetUpRequest) => {
    const state = await call(webSessionRoutes.setUp, { body });
    // The first page, not the one of a link that is used up.
    window.history.replaceState(null, '', '/');
    return state;
  });
  const form = useContractForm({
    schema: asked,
    initial: { email: '', password: '', wpcName: '' },
    labels: { email: t('setUp.email'), password: t('setUp.password'), wpcName: t('setUp.wpcName') },
    submit: async (values) => await setUp.mutateAsync({ ...values, token }),
  });
  return (
    <Entrance title={t('setUp.title')} lead={t('setUp.lead')}>
      <form {...form.form} className={classes.form}>
        <TextInput {...form.field('email')} type="email" autoComplete="username" autoFocus />
        <NewPasswordInput {...form.field('password')} />
        <TextInput {...form.field('wpcName')} description={t('setUp.wpcNameHelp')} autoComplete="organization" />
        <FormFailure failure={form.failure} />
        <Button type="submit" loading={form.isSending}>
          {t('setUp.submit')}
        </Button>
      </form>
    </Entrance>
  );
}
