/** src/portal/pages/networks: the list of networks, a network with its connectors and prefixes, and what its LAN has to know. */
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Network } from '../../../contract/api/network.ts';
import { networkRoutes } from '../../../contract/api/network.ts';
import { asking } from '../../api/ask.ts';
import { Address } from '../../parts/address.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import { AddNetworkPanel } from './add-network-panel.tsx';
import classes from './networks.module.css';
import { ObjectName } from '../../parts/object-name.tsx';

const route = getRouteApi('/networks');

export function NetworksPage() {
  const { t } = useTranslation();
  const { q = '', panel } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(asking(networkRoutes.list, { query: { size: 1_000 } }));
  if (error !== null) return <PageProblem error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <PageLoader />;
  const open = () => void navigate({ search: (before) => ({ ...before, panel: 'add' }) });
  const close = () => void navigate({ search: ({ panel: _closed, ...others }) => others });
  const shown = data.content.filter((network) => matches(network, q));
  const add = <Button onClick={open}>{t('networks.add')}</Button>;
  return (
    <Page
      title={t('networks.title')}
      lead={t('networks.lead')}
      actions={data.content.length > 0 && add}
      panel={panel === 'add' ? <AddNetworkPanel onClose={close} /> : undefined}
    >
      {data.content.length === 0 ? (
        <EmptyState title={t('networks.none')} action={add}>
          {t('networks.noneText')}
        </EmptyState>
      ) : (
        <>
          <TextInput
            className={classes.filter}
            aria-label={t('networks.filter')}
            placeholder={t('networks.filter')}
            value={q}
            onChange={(event) => {
              const text = event.currentTarget.value;
              void navigate({ search: (before) => ({ ...before, q: text === '' ? undefined : text }), replace: true });
            }}
          />
          {shown.length === 0 ? (
            <EmptyState title={t('networks.noMatch')}>{t('networks.noMatchText', { text: q })}</EmptyState>
          ) : (
            <Table label={t('networks.title')} columns={[t('networks.name'), t('networks.prefixes'), t('networks.connectors')]}>
              {shown.map((network) => (
                <NetworkRow key={network.id} network={network} />
              ))}
            </Table>
          )}
        </>
      )}
    </Page>
  );
}

function matches({ name, routes, connectors }: Network, text: string): boolean {
  const wanted = text.trim().toLocaleLowerCase();
  return [name, ...routes.map(({ subnet }) => subnet), ...connectors.map((connector) => connector.name)].some((field) =>
    field.toLocaleLowerCase().includes(wanted),
  );
}

function NetworkRow({ network }: { readonly network: Network }) {
  const online = network.connectors.filter(({ connectionStatus }) => connectionStatus === 'ONLINE').length;
  return (
    <tr>
      <td>
        <TextLink to="/networks/$id" params={{ id: network.id }} className={tableClasses.name}>
          <ObjectName name={network.name} />
        </TextLink>
      </td>
      <td>
        <div className={tableClasses.several}>
          {network.routes.map(({ id, subnet }) => (
            <Address key={id} value={subnet} />
          ))}
        </div>
      </td>
      <td>
        <ConnectorsMark online={online} all={network.connectors.length} />
      </td>
    </tr>
  );
}

function ConnectorsMark({ online, all }: { readonly online: number; readonly all: number }) {
  const { t } = useTranslation();
  if (all === 0) return <StateMark state="unknown" word={t('networks.noConnector')} />;
  const state = online === all ? 'up' : online === 0 ? 'down' : 'degraded';
  return <StateMark state={state} word={t('networks.onlineOf', { online, all })} />;
}
