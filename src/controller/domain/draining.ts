import type { Drained } from '../../contract/api/connector-state.ts';
import { conflict } from '../../contract/errors.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import { standingOf } from './connector-standing.ts';
import type { ConnectorView } from './connector-view.ts';
import { connectorsOf, readConnector } from './connector-view.ts';
import { readReportedHealth } from './reported-health.ts';
import { shownName } from './shown-name.ts';

/**
 * setDraining empties a connector of a network, or lets it take traffic again. Doing it twice changes nothing. The only connector may be
 * drained too, since another one may follow: it goes on serving its network meanwhile, and the answer warns of it.
 */
export async function setDraining(change: Change, connector: ConnectorView, draining: boolean): Promise<Drained> {
  const { id, name, site } = connector;
  if (site.kind === 'host') {
    throw conflict(
      'connector',
      `Connector ${shownName(name)} stands at a host, and nobody can take over from it: only connectors of networks can be drained. Suspend it to cut it off.`,
    );
  }
  if (connector.draining !== draining) {
    await change.trx.updateTable('connector').set({ draining }).where('id', '=', id).execute();
    change.record({ entity: 'connector', entityId: id, action: draining ? 'drained' : 'resumed' });
  }
  const warning = draining ? await warningOf(change.trx, id) : null;
  return { id, name, networkId: site.id, draining, warning };
}

/** What keeps the traffic of a draining connector from going elsewhere. */
async function warningOf(reader: Reader, id: ConnectorId): Promise<string | null> {
  const { site, name } = await readConnector(reader, 'network', id);
  const connectors = await connectorsOf(reader, 'network', [site.id]);
  const others = connectors.filter((other) => other.id !== id);
  const stays = `Connector ${shownName(name)} goes on serving its network: `;
  if (others.length === 0) {
    return `${stays}it is the only one. Add a second connector and wait until it is ONLINE before you switch this one off.`;
  }
  const health = await readReportedHealth(reader);
  const isReady = others.some((other) => {
    const standing = standingOf(other, connectors, health);
    return standing.role !== 'offline' && !other.draining && standing.health !== 'unhealthy';
  });
  if (isReady) return null;
  const states = others.map((other) => {
    const { healthReason } = standingOf(other, connectors, health);
    return `${shownName(other.name)} (${other.draining ? 'draining as well' : healthReason})`;
  });
  return `${stays}no other one can take over now: ${states.slice(0, 5).join(', ')}. Put one of them right before you switch this one off.`;
}
