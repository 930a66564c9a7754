/** src/portal/pages/member is what somebody without administration sees: their devices, what these reach, and the security of the account. */
import { Anchor, Button, List, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { ownDeviceRoutes } from '../../../contract/api/own-device.ts';
import { webSessionRoutes } from '../../../contract/api/web-session.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import { useSession } from '../../app/session-context.ts';
import { useSessionChange } from '../../app/use-session-change.ts';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { AddDevice } from './add-device.tsx';
import { DeviceCard } from './device-card.tsx';
import classes from './member.module.css';

const AccountSections = lazy(async () => ({ default: (await import('../account/account-page.tsx')).AccountSections }));

/** MemberPage is one column, without the pages of administrators around it. */
export function MemberPage() {
  const { t } = useTranslation();
  const { wpc, person } = useSession();
  const devices = useQuery({ ...asking(ownDeviceRoutes.list), refetchInterval: 5_000 });
  const reach = useQuery(asking(ownDeviceRoutes.reach));
  const signOut = useSessionChange(async () => await call(webSessionRoutes.signOut));
  if (devices.error !== null) return <PageProblem error={devices.error} onRetry={() => void devices.refetch()} />;
  if (devices.data === undefined) return <PageLoader />;
  const { devices: own, allowance, distribution } = devices.data;
  return (
    <main className={classes.page}>
      <header className={classes.head}>
        <div>
          <Title order={1}>
            <bdi>{wpc.name}</bdi>
          </Title>
          <Text size="sm" c="dimmed">
            <bdi>{person?.username}</bdi>
          </Text>
        </div>
        <Button variant="default" onClick={() => signOut.mutate(undefined)} loading={signOut.isPending}>
          {t('accountMenu.signOut')}
        </Button>
      </header>
      <section className={classes.section} aria-labelledby="devices">
        <Title order={2} id="devices">
          {t('member.devices')}
        </Title>
        {own.map((device) => (
          <DeviceCard key={device.id} device={device} canHaveProfile={distribution === 'AUTOMATIC'} />
        ))}
        {distribution === 'MANUAL' ? (
          <Text size="sm" c="dimmed">
            {t('member.manual')}
          </Text>
        ) : own.length < allowance ? (
          <AddDevice />
        ) : (
          <Text size="sm" c="dimmed">
            {t('member.full', { count: allowance })}
          </Text>
        )}
      </section>
      {reach.data !== undefined && (
        <section className={classes.section} aria-labelledby="reach">
          <Title order={2} id="reach">
            {t('member.reach')}
          </Title>
          {reach.data.networks.length + reach.data.hosts.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('member.reachNothing')}
            </Text>
          ) : (
            <List size="sm">
              {[...reach.data.networks, ...reach.data.hosts].map(({ name }, index) => (
                <List.Item key={`${String(index)} ${name}`}>
                  <bdi>{name}</bdi>
                </List.Item>
              ))}
            </List>
          )}
        </section>
      )}
      <Suspense fallback={<PageLoader />}>
        <AccountSections />
      </Suspense>
      <Text size="xs" c="dimmed">
        <Anchor href="https://openvpn.net/client/" size="xs" rel="noreferrer">
          {t('member.client')}
        </Anchor>
      </Text>
    </main>
  );
}
