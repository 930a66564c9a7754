/** src/portal/pages/invitation is where the link of an invitation leads: the person chooses a password, and is signed in. */
import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { invitationRoutes } from '../../../contract/api/invitation.ts';
import { linkToken } from '../../../contract/api/person.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { useSessionChange } from '../../app/use-session-change.ts';
import { Entrance } from '../../parts/entrance.tsx';
import classes from '../../parts/entrance.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { takeLinkSecret } from '../../parts/link-secret.ts';
import { NewPasswordInput } from '../../parts/new-password-input.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import '../../texts/texts-links.ts';

/** InvitationPage says whom the link is for before it asks anything; opening it uses nothing up. */
export function InvitationPage() {
  const { t } = useTranslation();
  const [token] = useState(takeLinkSecret);
  const isWhole = linkToken.safeParse(token).success;
  const invitation = useQuery({
    queryKey: [invitationRoutes.inspect.path, token],
    queryFn: async () => await call(invitationRoutes.inspect, { body: { token } }),
    enabled: isWhole,
    retry: false,
  });
  if (!isWhole || invitation.error !== null) {
    return (
      <Entrance title={t('invitation.title')} lead={isWhole ? undefined : t('invitation.withoutLink')}>
        <FormFailure failure={invitation.error instanceof ApiError ? invitation.error : undefined} />
        <Button component="a" href="/">
          {t('reset.toSignIn')}
        </Button>
      </Entrance>
    );
  }
  if (invitation.data === undefined) return <PageLoader />;
  return <PasswordForm token={token} username={invitation.data.username} wpcName={invitation.data.wpcName} />;
}

function PasswordForm({
  token,
  username,
  wpcName,
}: {
  readonly token: string;
  readonly username: string;
  readonly wpcName: string;
}) {
  const { t } = useTranslation();
  const accept = useSessionChange(async (password: string) => {
    const state = await call(invitationRoutes.accept, { body: { token, password } });
    // The first page, not the one of a link that is used up.
    window.history.replaceState(null, '', '/');
    return state;
  });
  const form = useContractForm({
    schema: invitationRoutes.accept.body.omit({ token: true }),
    initial: { password: '' },
    labels: { password: t('invitation.password') },
    submit: async ({ password }) => await accept.mutateAsync(password),
  });
  return (
    <Entrance title={t('invitation.title')} lead={t('invitation.lead', { wpc: wpcName })}>
      <Text size="sm">
        {t('invitation.username')} <bdi>{username}</bdi>
      </Text>
      <form {...form.form} className={classes.form}>
        <input type="hidden" autoComplete="username" value={username} readOnly />
        <NewPasswordInput {...form.field('password')} autoFocus />
        <FormFailure failure={form.failure} />
        <Button type="submit" loading={form.isSending}>
          {t('invitation.submit')}
        </Button>
      </form>
    </Entrance>
  );
}
