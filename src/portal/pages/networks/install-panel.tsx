import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { NetworkChecks } from '../../../contract/api/network-checks.ts';
import { Panel } from '../../parts/panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import type { Check } from './check-line.tsx';
import { CheckLine } from './check-line.tsx';
import { checksQuery, verifiedQuery } from './checks-query.ts';
import type { Connector } from './connector-state.ts';
import { InstallWay } from './install-way.tsx';
import classes from './networks.module.css';

type Properties = { readonly connector: Connector; readonly networkId: string; readonly onClose: () => void };

/** InstallPanel gives the line that installs a connector, and shows how far its machine is: leaving and coming back shows the same progress. */
export function InstallPanel({ connector, networkId, onClose }: Properties) {
  const { t } = useTranslation();
  return (
    <Panel title={t('install.title', { name: connector.name })} onClose={onClose}>
      <InstallWay connector={connector} />
      <Progress connector={connector} networkId={networkId} />
    </Panel>
  );
}

function Progress({ connector, networkId }: Pick<Properties, 'connector' | 'networkId'>) {
  const { t } = useTranslation();
  const isOnline = connector.role !== 'offline';
  const followed = checksOf(useQuery(checksQuery(networkId)).data, connector.id);
  // Once all before it is in order, and once only.
  const isOpen = followed.some(({ kind, state }) => kind === 'way-back' && state === 'unknown');
  const verified = checksOf(useQuery({ ...verifiedQuery(networkId), enabled: isOpen }).data, connector.id);
  const checks = followed.map((check) => (isOpen ? (verified.find(({ kind }) => kind === check.kind) ?? check) : check));
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

function checksOf(checks: NetworkChecks | undefined, connector: string): readonly Check[] {
  return checks?.connectors.find(({ connectorId }) => connectorId === connector)?.checks ?? [];
}
