/** src/portal/pages/connect is the page that an OpenVPN client opens when its person has to say who they are (docs/connect-authentication.md). */
import { Button, PasswordInput, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connectApprovalRoutes, connectPagePath } from '../../../contract/api/connect-approval.ts';
import type { ConnectApproval } from '../../../contract/api/connect-approval.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { Entrance } from '../../parts/entrance.tsx';
import classes from '../../parts/entrance.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import '../../texts/texts-links.ts';

/** ConnectPage shows which device wants to connect and from where, and lets its owner say yes or no. Opening it changes nothing. */
export function ConnectPage() {
  const { t } = useTranslation();
  const [token] = useState(() => window.location.pathname.slice(connectPagePath.length));
  const asked = useQuery({
    queryKey: [connectApprovalRoutes.inspect.path, token],
    queryFn: async () => await call(connectApprovalRoutes.inspect, { body: { token } }),
    retry: false,
  });
  if (asked.error !== null) {
    return (
      <Entrance title={t('connect.title')}>
        <FormFailure failure={asked.error instanceof ApiError ? asked.error : undefined} />
        <Text size="sm">{t('connect.again')}</Text>
      </Entrance>
    );
  }
  if (asked.data === undefined) return <PageLoader />;
  return <Question token={token} approval={asked.data} onAnswer={() => void asked.refetch()} />;
}

type Properties = { readonly token: string; readonly approval: ConnectApproval; readonly onAnswer: () => void };

function Question({ token, approval, onAnswer }: Properties) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const { device, clientAddress, browserAddress, needsPassword, state } = approval;
  const approve = useMutation({
    mutationFn: async () =>
      await call(connectApprovalRoutes.approve, { body: { token, ...(needsPassword ? { password } : {}) } }),
    onSuccess: onAnswer,
  });
  const refuse = useMutation({
    mutationFn: async () => await call(connectApprovalRoutes.refuse, { body: { token } }),
    onSuccess: onAnswer,
  });
  if (state !== 'waiting') {
    return (
      <Entrance title={t('connect.title')} lead={t(`connect.states.${state}`)}>
        <Text size="sm">
          {t('connect.device')} <bdi>{device.name}</bdi>
        </Text>
      </Entrance>
    );
  }
  const failure = approve.error ?? refuse.error;
  return (
    <Entrance title={t('connect.title')} lead={t('connect.lead')}>
      <dl className={classes.facts}>
        <dt>{t('connect.device')}</dt>
        <dd>
          <bdi>{device.name}</bdi>
        </dd>
        <dt>{t('connect.from')}</dt>
        <dd>
          {clientAddress}
          {browserAddress !== null &&
            browserAddress !== clientAddress &&
            ` · ${t('connect.otherPlace', { address: browserAddress })}`}
        </dd>
      </dl>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          approve.mutate();
        }}
      >
        {needsPassword && (
          <PasswordInput
            label={t('connect.password')}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            autoFocus
          />
        )}
        <FormFailure failure={failure instanceof ApiError ? failure : undefined} />
        <Button type="submit" loading={approve.isPending} disabled={needsPassword && password === ''}>
          {t('connect.approve')}
        </Button>
        <Button variant="default" onClick={() => refuse.mutate()} loading={refuse.isPending}>
          {t('connect.refuse')}
        </Button>
      </form>
    </Entrance>
  );
}
