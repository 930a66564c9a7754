/** src/portal/pages/internet is where internet traffic goes out: whose, by which network, and what is in the way (portal.md 2). */
import { Button, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { InternetGateways } from '../../../contract/api/internet-gateway.ts';
import { Address } from '../../parts/address.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { Panel } from '../../parts/panel.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import { addTexts } from '../../texts/add-texts.ts';
import { enInternet } from '../../texts/en-internet.ts';
import { GatewaysTable } from './gateways-table.tsx';
import { InternetForm } from './internet-form.tsx';
import type { InternetUser } from './internet-users.ts';
import { useInternet } from './internet-users.ts';
import { NowText } from './now-text.tsx';
import classes from './internet.module.css';

addTexts(enInternet);

const route = getRouteApi('/internet');

export function InternetPage() {
  const { t } = useTranslation();
  const { change } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useInternet();
  if (error !== null) return <PageProblem error={error} onRetry={refetch} />;
  if (data === undefined) return <PageLoader />;
  const { gateways, users } = data;
  const close = () => void navigate({ search: {} });
  const changed = users.find(({ kind, id }) => `${kind}:${id}` === change);
  return (
    <Page
      title={t('internet.title')}
      lead={t('internet.lead')}
      panel={
        changed === undefined ? undefined : (
          <Panel key={change} title={t('internet.panel', { name: changed.name })} onClose={close}>
            {changed.isGateway ? (
              <Text size="sm">{t('internet.ofGateway')}</Text>
            ) : (
              <InternetForm user={changed} gateways={gateways.gateways} onSaved={close} />
            )}
          </Panel>
        )
      }
    >
      <InTheWay users={users} gateways={gateways} />
      <section className={classes.section}>
        <Title order={2}>{t('internet.users')}</Title>
        {users.length === 0 ? (
          <EmptyState title={t('internet.none')}>{t('internet.noneText')}</EmptyState>
        ) : (
          <Table
            label={t('internet.users')}
            columns={[
              ...(['kind', 'name', 'mode', 'allowed', 'now', 'bypass'] as const).map((each) => t(`internet.${each}`)),
              '',
            ]}
          >
            {users.map((user) => (
              <UserRow key={user.id} user={user} gateways={gateways} />
            ))}
          </Table>
        )}
      </section>
      <section className={classes.section}>
        <Title order={2}>{t('internet.gateways')}</Title>
        <Text size="sm" c="dimmed">
          {t('internet.gatewaysLead')}
        </Text>
        <GatewaysTable gateways={gateways.gateways} />
      </section>
    </Page>
  );
}

type UsersProperties = { readonly users: readonly InternetUser[]; readonly gateways: InternetGateways };

function InTheWay({ users, gateways: { gateways, refused } }: UsersProperties) {
  const { t } = useTranslation();
  const isMissing = gateways.length === 0 && users.some(({ internetAccess }) => internetAccess === 'SPLIT_TUNNEL_OFF');
  if (!isMissing && refused.length === 0) return null;
  return (
    <section className={classes.problems} aria-labelledby="in-the-way">
      <Title order={2} id="in-the-way">
        {t('internet.inTheWay')}
      </Title>
      <ul>
        {isMissing && <li>{t('internet.noGateway')}</li>}
        {refused.map(({ kind, id, name, gatewayRegion, reason }) => (
          <li key={`${id} ${gatewayRegion}`}>
            {t('internet.refusedOne', { kind: t(`internet.kinds.${kind}`), name, region: gatewayRegion, reason })}
          </li>
        ))}
      </ul>
    </section>
  );
}

function UserRow({ user, gateways }: { readonly user: InternetUser; readonly gateways: InternetGateways }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const named = gateways.gateways.filter(({ id }) => user.gatewaysIds.includes(id));
  return (
    <tr>
      <td>{t(`internet.kinds.${user.kind}`)}</td>
      <td>
        <span className={tableClasses.name}>
          <ObjectName name={user.name} />
        </span>
      </td>
      <td className={tableClasses.line}>{t(`internetModes.${user.internetAccess}`)}</td>
      <td>
        {user.internetAccess !== 'SPLIT_TUNNEL_OFF' ? (
          '–'
        ) : named.length === 0 ? (
          t('internet.allGateways')
        ) : (
          <bdi>{named.map(({ name }) => name).join(', ')}</bdi>
        )}
      </td>
      <td>
        <NowText user={user} gateways={gateways} />
      </td>
      <td>
        <div className={tableClasses.several}>
          {user.bypass.length === 0 ? '–' : user.bypass.map((prefix) => <Address key={prefix} value={prefix} />)}
        </div>
      </td>
      <td>
        <div className={tableClasses.actions}>
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => void navigate({ search: { change: `${user.kind}:${user.id}` } })}
          >
            {t('internet.change')}
          </Button>
        </div>
      </td>
    </tr>
  );
}
