import { useTranslation } from 'react-i18next';
import type { Host } from '../../../contract/api/host.ts';
import { Address } from '../../parts/address.tsx';
import type { Column, ListFilter } from '../../parts/list/list-column.ts';
import listClasses from '../../parts/list/list.module.css';
import { ObjectName } from '../../parts/object-name.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { TextLink } from '../../parts/text-link.tsx';

/** HostState says how many of a host's tunnels are up. */
function HostState({ connectors }: Pick<Host, 'connectors'>) {
  const { t } = useTranslation();
  const all = connectors.length;
  const online = onlineConnectors({ connectors });
  if (all === 0) return <StateMark state="unknown" word={t('networks.noConnector')} />;
  const state = online === all ? 'up' : online === 0 ? 'down' : 'degraded';
  return <StateMark state={state} word={t('networks.onlineOf', { online, all })} />;
}

/** onlineConnectors counts the tunnels of a host that packets can pass. */
export function onlineConnectors({ connectors }: Pick<Host, 'connectors'>): number {
  return connectors.filter(({ connectionStatus }) => connectionStatus === 'ONLINE').length;
}

/** useHostColumns is what the list says of a host. */
export function useHostColumns(): readonly Column<Host>[] {
  const { t } = useTranslation();
  return [
    {
      key: 'name',
      title: t('hosts.name'),
      text: ({ name }) => name,
      cell: ({ id, name }) => (
        <TextLink
          from="/hosts"
          to="/hosts"
          search={({ panel: _panel, connector: _connector, ...before }) => ({ ...before, id })}
          className={listClasses.name}
          title={name}
          data-row-link
        >
          <ObjectName name={name} />
        </TextLink>
      ),
      width: 'wide',
    },
    { key: 'description', title: t('hosts.description'), text: ({ description }) => description, width: 'wide' },
    {
      key: 'address',
      title: t('hosts.address'),
      text: ({ connectors }) => connectors.map(({ ipV4Address }) => ipV4Address).join(' '),
      cell: ({ connectors }) => connectors.map(({ id, ipV4Address }) => <Address key={id} value={ipV4Address} />),
    },
    {
      key: 'connectors',
      title: t('hosts.connectors'),
      text: ({ connectors }) => t('networks.onlineOf', { online: onlineConnectors({ connectors }), all: connectors.length }),
      order: ({ connectors }) => onlineConnectors({ connectors }),
      isSearched: false,
      cell: ({ connectors }) => <HostState connectors={connectors} />,
    },
    {
      key: 'internet',
      title: t('groups.internet'),
      text: ({ internetAccess }) => t(`internetModes.${internetAccess}`),
      isSearched: false,
    },
  ];
}

/** useHostFilters is what the list can be narrowed to. */
export function useHostFilters(): readonly ListFilter<Host>[] {
  const { t } = useTranslation();
  return [
    {
      key: 'state',
      label: t('hosts.state'),
      all: t('hosts.allStates'),
      choices: [
        { value: 'online', label: t('users.connected') },
        { value: 'offline', label: t('users.notConnected') },
      ],
      accepts: (host, value) => onlineConnectors(host) > 0 === (value === 'online'),
    },
  ];
}
