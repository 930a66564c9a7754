import type { ProbedAddresses } from '../../core/failover/health.ts';
import type { Pool } from '../../core/failover/pool.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { EndpointId } from '../../core/ids.ts';
import { everything, isIpv4Text } from '../../core/ip/prefix.ts';
import type { Session } from '../session.ts';

/**
 * isProbed: only where something follows from it. Who serves a network alone has its routes as long as it is connected; traffic for the
 * internet is refused where nobody can carry it, so that its only gateway is probed too.
 */
export function isProbed({ id, candidates }: Pool): boolean {
  return candidates.length > 1 || id.startsWith('egress:');
}

/** probedConnectors are all that are probed while they are connected. */
export function probedConnectors(pools: readonly Pool[]): ReadonlySet<EndpointId> {
  return new Set(pools.filter(isProbed).flatMap(({ candidates }) => candidates));
}

/** probedAddresses are what is probed through a connector. Behind one that shares a lane nothing is: that lane's daemon chooses the way. */
export function probedAddresses(
  { endpoints }: GatewayConfiguration,
  id: EndpointId,
  session: Pick<Session, 'owns'> | undefined,
): ProbedAddresses | null {
  const endpoint = endpoints[id];
  if (endpoint?.kind !== 'connector') return null;
  const isAlone = session === undefined ? endpoint.lane !== null : session.owns.includes(everything);
  // Tunnels carry IPv4 only (openvpn.md 12.5).
  const targets = endpoint.probeTargets.filter(isIpv4Text);
  return { tunnel: endpoint.address, targets: isAlone ? targets : [] };
}
