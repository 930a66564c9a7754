import { Button, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { networkConnectorRoutes } from '../../../contract/api/connector.ts';
import { drainRoutes } from '../../../contract/api/connector-state.ts';
import type { NetworkDetails } from '../../../contract/api/network-details.ts';
import type { Traffic } from '../../../contract/api/traffic.ts';
import { call } from '../../api/call.ts';
import { Address } from '../../parts/address.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import { formatBytes, formatRate } from '../../traffic/format-bytes.ts';
import { LastHour } from '../../traffic/last-hour.tsx';
import { trafficQuery } from '../../traffic/traffic-query.ts';
import type { Connector } from './connector-state.ts';
import { ConnectorMark } from './connector-mark.tsx';
import { networkQuery } from './network-query.ts';
import { ObjectName } from '../../parts/object-name.tsx';

const route = getRouteApi('/networks/$id');

/** ConnectorsTab lists who carries the traffic of a network, and how each is. */
export function ConnectorsTab({ network }: { readonly network: NetworkDetails }) {
  const { t } = useTranslation();
  const [removed, setRemoved] = useState<Connector | undefined>(undefined);
  const client = useQueryClient();
  const { data: hour } = useQuery(trafficQuery(network.id));
  const traffic = new Map(hour?.connectors?.map((each) => [each.id, each.traffic]));
  if (network.connectors.length === 0) return <EmptyState title={t('connector.none')}>{t('connector.noneText')}</EmptyState>;
  const columns = ['name', 'state', 'address', 'region', 'lane', 'version', 'roundTrip', 'traffic', 'since'] as const;
  return (
    <>
      <Table label={t('network.tabs.connectors')} columns={[...columns.map((column) => t(`connector.${column}`)), '']}>
        {network.connectors.map((connector) => (
          <ConnectorRow
            key={connector.id}
            connector={connector}
            traffic={traffic.get(connector.id)}
            networkId={network.id}
            onRemove={() => setRemoved(connector)}
          />
        ))}
      </Table>
      <LastHour networkId={network.id} />
      {removed !== undefined && (
        <Confirm
          title={t('connector.removeTitle')}
          verb={t('connector.remove')}
          act={async () => {
            await call(networkConnectorRoutes.remove, { params: { id: removed.id } });
            await client.invalidateQueries({ queryKey: networkQuery(network.id).queryKey });
          }}
          onClose={() => setRemoved(undefined)}
        >
          <Text>
            {t(network.connectors.length === 1 ? 'connector.removeLast' : 'connector.removeOne', {
              name: removed.name,
              network: network.name,
            })}
          </Text>
          <Impact trial={trialOf(networkConnectorRoutes.remove, { params: { id: removed.id } })} />
        </Confirm>
      )}
    </>
  );
}

type RowProperties = {
  readonly connector: Connector;
  readonly traffic: Traffic | undefined;
  readonly networkId: string;
  readonly onRemove: () => void;
};

function ConnectorRow({ connector, traffic, networkId, onRemove }: RowProperties) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const drain = useMutation({
    mutationFn: async () =>
      await call(connector.draining ? drainRoutes.resume : drainRoutes.drain, { params: { id: connector.id } }),
    onSettled: async () => await client.invalidateQueries({ queryKey: networkQuery(networkId).queryKey }),
  });
  return (
    <tr>
      <td>
        <span className={tableClasses.name}>
          <ObjectName name={connector.name} />
        </span>
      </td>
      <td>
        <ConnectorMark connector={connector} />
      </td>
      <td>
        <Address value={connector.ipV4Address} />
      </td>
      <td>
        <code>{connector.vpnRegionId}</code>
      </td>
      <td>
        <code>{connector.lane ?? '–'}</code>
      </td>
      <td>
        <bdi>{connector.version ?? '–'}</bdi>
      </td>
      <td>{connector.roundTripMs === null ? '–' : t('milliseconds', { value: Math.round(connector.roundTripMs) })}</td>
      <td>
        <Carried traffic={traffic} />
      </td>
      <td>{connector.healthSince === null ? '–' : <RelativeTime at={connector.healthSince} />}</td>
      <td>
        <div className={tableClasses.actions}>
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => void navigate({ search: { tab: 'connectors', panel: 'install', connector: connector.id } })}
          >
            {t('connector.install')}
          </Button>
          <Button variant="default" size="compact-sm" loading={drain.isPending} onClick={() => drain.mutate()}>
            {connector.draining ? t('connector.resume') : t('connector.drain')}
          </Button>
          <Button variant="default" size="compact-sm" onClick={onRemove}>
            {t('connector.remove')}
          </Button>
        </div>
      </td>
    </tr>
  );
}

/** Carried is what passes now; what has passed is shown on hover. */
function Carried({ traffic }: Pick<RowProperties, 'traffic'>) {
  const { t, i18n } = useTranslation();
  if (traffic === undefined || traffic.bytesPerSecond === null) return '–';
  const bytes = (value: number) => formatBytes(value, i18n.language);
  return (
    <span title={t('traffic.amounts', { bytesIn: bytes(traffic.bytesIn), bytesOut: bytes(traffic.bytesOut) })}>
      {formatRate(traffic.bytesPerSecond, i18n.language)}
    </span>
  );
}
