import type { NetworkDetails } from '../../../contract/api/network-details.ts';
import type { ShownState } from '../../parts/state-mark.tsx';

export type Connector = NetworkDetails['connectors'][number];

/** stateOf makes one word of what a connector is and does: it is up when packets can pass (contract/api/connector-state.ts). */
export function stateOf({ role, health }: Pick<Connector, 'role' | 'health'>): ShownState {
  if (role === 'offline') return 'down';
  switch (health) {
    case 'healthy':
    case 'not-probed':
      return 'up';
    case 'recovering':
    case 'unhealthy':
      return 'degraded';
  }
}
