import { useTranslation } from 'react-i18next';
import type { NetworkDetails } from '../../../contract/api/network-details.ts';
import { StateMark } from '../../parts/state-mark.tsx';
import { stateOf } from './connector-state.ts';

/** NetworkMark is whether packets pass to a network now: by all of its connectors, by some, or by none. */
export function NetworkMark({ network: { connectors } }: { readonly network: Pick<NetworkDetails, 'connectors'> }) {
  const { t } = useTranslation();
  if (connectors.length === 0) return <StateMark state="unknown" word={t('networks.noConnector')} />;
  const up = connectors.filter((connector) => stateOf(connector) === 'up').length;
  if (up === connectors.length) return <StateMark state="up" word={t('network.states.up')} />;
  if (up > 0) return <StateMark state="degraded" word={t('network.states.degraded', { up, all: connectors.length })} />;
  return <StateMark state="down" word={t('network.states.down')} />;
}
