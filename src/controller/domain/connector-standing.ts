import type { ConnectorState } from '../../contract/api/connector-state.ts';
import type { ConnectorView } from './connector-view.ts';
import type { ReportedHealth } from './reported-health.ts';

/** The part of a connector that decides what it does now. */
type Standing = Pick<ConnectorView, 'id' | 'site' | 'region' | 'suspended' | 'draining' | 'online'>;

/**
 * standingOf says what a connector does now: what the gateway reported of it, and what follows from its being online. `siblings` are all
 * connectors of its site, which decide only while no gateway has said who serves it.
 */
export function standingOf(connector: Standing, siblings: readonly Standing[], health: ReportedHealth): ConnectorState {
  return {
    ...healthOf(connector, health),
    role: roleOf(connector, siblings, health),
    draining: connector.draining,
    lane: health.laneOf(connector),
  };
}

function healthOf(
  { id, online, suspended }: Standing,
  health: ReportedHealth,
): Pick<ConnectorState, 'health' | 'healthReason' | 'healthSince' | 'probeTarget' | 'roundTripMs'> {
  const report = health.connector(id);
  const nothing = { healthSince: null, probeTarget: null, roundTripMs: null };
  if (suspended) return { health: 'unhealthy', healthReason: 'it is suspended', ...nothing };
  if (!online) {
    // A report that still calls it well is of a moment before its tunnel went.
    const since = report?.health === 'unhealthy' ? report.since : null;
    return { ...nothing, health: 'unhealthy', healthReason: 'it is not connected', healthSince: since };
  }
  if (report === undefined) {
    return { health: 'not-probed', healthReason: 'nobody could take over from it, so it is not probed', ...nothing };
  }
  const { reason, since, target, roundTripMs } = report;
  return { health: report.health, healthReason: reason, healthSince: since, probeTarget: target, roundTripMs };
}

function roleOf(connector: Standing, siblings: readonly Standing[], health: ReportedHealth): ConnectorState['role'] {
  if (!connector.online) return 'offline';
  if (connector.draining) return 'draining';
  if (connector.site.kind === 'host') return 'active';
  const pools = health.network(connector.site.id);
  const own = pools.find(({ owners }) => owners.includes(connector.id));
  if (own !== undefined) return own.owners.length > 1 ? 'sharing' : 'active';
  const isAlone = siblings.every(({ id, online }) => id === connector.id || !online);
  return pools.length === 0 && isAlone ? 'active' : 'standby';
}
