import { useTranslation } from 'react-i18next';
import type { Network } from '../../../contract/api/network.ts';
import { networkStandings } from '../../../contract/api/network.ts';
import { Address } from '../../parts/address.tsx';
import type { Column, ListFilter } from '../../parts/list/list-column.ts';
import listClasses from '../../parts/list/list.module.css';
import { ObjectName } from '../../parts/object-name.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import classes from './networks.module.css';

type Standing = (typeof networkStandings)[number];

const marks = { online: 'up', partly: 'degraded', offline: 'down', none: 'unknown' } as const satisfies Record<Standing, string>;

function countOnline({ connectors }: Pick<Network, 'connectors'>): number {
  return connectors.filter(({ connectionStatus }) => connectionStatus === 'ONLINE').length;
}

function standingOf({ connectors }: Pick<Network, 'connectors'>): Standing {
  const online = countOnline({ connectors });
  if (connectors.length === 0) return 'none';
  if (online === 0) return 'offline';
  return online === connectors.length ? 'online' : 'partly';
}

/** useNetworkColumns is what the list says of a network. */
export function useNetworkColumns(): readonly Column<Network>[] {
  const { t } = useTranslation();
  const word = (network: Network) =>
    standingOf(network) === 'none'
      ? t('networks.noConnector')
      : t('networks.onlineOf', { online: countOnline(network), all: network.connectors.length });
  return [
    {
      key: 'name',
      title: t('networks.name'),
      text: ({ name }) => name,
      cell: ({ id, name }) => (
        <TextLink to="/networks/$id" params={{ id }} className={listClasses.name} title={name} data-row-link>
          <ObjectName name={name} />
        </TextLink>
      ),
      width: 'wide',
    },
    {
      key: 'prefixes',
      title: t('networks.prefixes'),
      text: ({ routes }) => routes.map(({ subnet }) => subnet).join(' '),
      cell: ({ routes }) => (
        <span className={classes.prefixes} title={routes.map(({ subnet }) => subnet).join('\n')}>
          {routes.map(({ id, subnet }) => (
            <Address key={id} value={subnet} />
          ))}
        </span>
      ),
      width: 'wide',
    },
    {
      key: 'state',
      title: t('networks.state'),
      text: word,
      order: countOnline,
      isSearched: false,
      cell: (network) => <StateMark state={marks[standingOf(network)]} word={word(network)} />,
    },
    {
      key: 'connectors',
      title: t('networks.connectors'),
      text: ({ connectors }) => connectors.map(({ name }) => name).join(', '),
      width: 'wide',
    },
  ];
}

/** useNetworkFilters is what the list can be narrowed to. */
export function useNetworkFilters(): readonly ListFilter<Network>[] {
  const { t } = useTranslation();
  return [
    {
      key: 'state',
      label: t('networks.state'),
      all: t('networks.allStates'),
      choices: networkStandings.map((value) => ({ value, label: t(`networks.states.${value}`) })),
      accepts: (network, value) => standingOf(network) === value,
    },
  ];
}
