import { useTranslation } from 'react-i18next';
import { StateMark } from '../../parts/state-mark.tsx';
import type { Connector } from './connector-state.ts';
import { stateOf } from './connector-state.ts';

/** ConnectorMark shows the state of a connector; why, on hover. */
export function ConnectorMark({ connector }: { readonly connector: Pick<Connector, 'role' | 'health' | 'healthReason'> }) {
  const { t } = useTranslation();
  const isStuck = connector.role !== 'offline' && connector.health === 'unhealthy';
  const word = isStuck ? t('connector.unhealthy') : t(`connector.roles.${connector.role}`);
  return (
    <span title={connector.healthReason}>
      <StateMark state={stateOf(connector)} word={word} />
    </span>
  );
}
