import { useTranslation } from 'react-i18next';
import type { InternetGateway } from '../../../contract/api/internet-gateway.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import type { ShownState } from '../../parts/state-mark.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import { TextLink } from '../../parts/text-link.tsx';

const marks = {
  healthy: 'up',
  'not-probed': 'up',
  recovering: 'degraded',
  unhealthy: 'degraded',
  offline: 'down',
} as const satisfies Record<InternetGateway['health'], ShownState>;

/** GatewaysTable lists the networks that carry internet traffic, in the order in which they are tried. */
export function GatewaysTable({ gateways }: { readonly gateways: readonly InternetGateway[] }) {
  const { t } = useTranslation();
  if (gateways.length === 0) return <EmptyState title={t('internet.gatewaysNone')}>{t('internet.gatewaysNoneText')}</EmptyState>;
  const columns = ['order', 'network', 'health', 'connectors', 'usedBy'] as const;
  return (
    <Table label={t('internet.gateways')} columns={columns.map((each) => t(`internet.${each}`))}>
      {gateways.map(({ id, name, health, connectors, usedBy }, index) => (
        <tr key={id}>
          <td>{index + 1}</td>
          <td>
            <TextLink to="/networks/$id" params={{ id }} search={{ tab: 'internet' }} className={tableClasses.name}>
              <ObjectName name={name} />
            </TextLink>
          </td>
          <td>
            <StateMark state={marks[health]} word={t(`internet.healths.${health}`)} />
          </td>
          <td>
            <div className={tableClasses.several}>
              {connectors.map((connector) => (
                <span key={connector.id} title={connector.healthReason}>
                  <ObjectName name={connector.name} /> <code>{connector.vpnRegionId}</code>
                </span>
              ))}
            </div>
          </td>
          <td>
            {usedBy.length === 0 ? t('internet.nobody') : <bdi>{[...new Set(usedBy.map((user) => user.name))].join(', ')}</bdi>}
          </td>
        </tr>
      ))}
    </Table>
  );
}
