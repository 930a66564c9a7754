import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { InstallLine } from '../../parts/install-line.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { CheckLine } from './check-line.tsx';
import { checksQuery } from './checks-query.ts';
import type { Connector } from './connector-state.ts';
import classes from './networks.module.css';

type Properties = { readonly connector: Connector; readonly networkId: string; readonly onClose: () => void };

/** InstallPanel gives the line that installs a connector, and shows how far its machine is: leaving and coming back shows the same progress. */
export function InstallPanel({ connector, networkId, onClose }: Properties) {
  const { t } = useTranslation();
  return (
    <Panel title={t('install.title', { name: connector.name })} onClose={onClose}>
      <Text size="sm">{t('install.lead')}</Text>
      <InstallLine connectorId={connector.id} />
      <Progress connector={connector} networkId={networkId} />
    </Panel>
  );
}

function Progress({ connector, networkId }: Pick<Properties, 'connector' | 'networkId'>) {
  const { t } = useTranslation();
  const isOnline = connector.role !== 'offline';
  const { data } = useQuery(checksQuery(networkId));
  const checks = data?.connectors.find(({ connectorId }) => connectorId === connector.id)?.checks ?? [];
  return (
    <ul className={classes.checklist} aria-label={t('install.progress')}>
      <li>
        <StateMark
          state={isOnline ? 'up' : 'pending'}
          word={isOnline ? t('install.tunnelUp', { region: connector.vpnRegionId }) : t('install.waiting')}
        />
      </li>
      {checks
        .filter(({ kind, state }) => kind !== 'tunnel' || state === 'failed')
        .map((check) => (
          <li key={check.kind}>
            <CheckLine check={check} />
          </li>
        ))}
      <li>
        {connector.probeTarget !== null && connector.roundTripMs !== null ? (
          <StateMark
            state="up"
            word={t('install.answers', { target: connector.probeTarget, value: Math.round(connector.roundTripMs) })}
          />
        ) : (
          <StateMark state="unknown" word={t('install.noAnswer')} />
        )}
      </li>
    </ul>
  );
}
