import type { LaneId } from './lanes.ts';
import { laneKind, lanePort, maximumUserLanes, sharedLane } from './lanes.ts';
import type { Remote } from './profile.ts';

/** GatewayAddress is where the lanes of one gateway are reached from outside. */
export type GatewayAddress = { readonly host: string; readonly vpnPort: number; readonly userLanes: number };

/**
 * deviceRemotes is the order in which a device tries the lanes (design.md 4): its own, where its session also survives a change of
 * address; then the other user lanes, so that a lane that is down costs a few seconds; then TCP for networks that block UDP.
 */
export function deviceRemotes(gateway: GatewayAddress, userLane: number): readonly [Remote, ...Remote[]] {
  const lanes = Math.max(1, Math.min(gateway.userLanes, maximumUserLanes));
  const own = userLane % lanes;
  const others = Array.from({ length: lanes }, (_, number) => number).filter((number) => number !== own);
  return [remote(gateway, `u${own}`), ...others.map((number) => remote(gateway, `u${number}`)), remote(gateway, sharedLane)];
}

/** connectorRemotes is the connector's own lane and then TCP; without a lane of its own only the shared TCP lane. */
export function connectorRemotes(gateway: GatewayAddress, lane: number | null): readonly [Remote, ...Remote[]] {
  const shared = remote(gateway, sharedLane);
  return lane === null ? [shared] : [remote(gateway, `c${lane}`), shared];
}

function remote(gateway: GatewayAddress, lane: LaneId): Remote {
  return { host: gateway.host, port: lanePort(lane, gateway.vpnPort), protocol: laneKind(lane) === 'shared' ? 'tcp' : 'udp' };
}
