import type { Endpoint, GatewayConfiguration } from '../gateway-configuration.ts';
import type { EndpointId, Serial, UserId } from '../ids.ts';
import type { PrefixText } from '../ip/prefix.ts';
import { everything } from '../ip/prefix.ts';
import type { LaneId } from '../lanes.ts';
import { laneKind } from '../lanes.ts';
import { prefixesOfNetwork } from '../prefixes-of-network.ts';
import { nothingPushed, pushedTo } from '../pushed-options.ts';
import type { TunnelSession } from '../session-fate.ts';
import { sessionFate } from '../session-fate.ts';
import type { EndCount } from './impact.ts';

/** LiveTunnel is a tunnel that is up now, as the controller knows it. */
export type LiveTunnel = {
  readonly endpoint: EndpointId;
  readonly serial: Serial;
  readonly lane: LaneId;
  /** Its machine runs our agent, which changes routes in place and hands over without loss. */
  readonly runsAgent: boolean;
};

/** LiveEnd is who holds a tunnel, and what the change means for it. `user` is null for connectors. */
export type LiveEnd = {
  readonly endpoint: EndpointId;
  readonly user: UserId | null;
  readonly fate: 'kept' | 'interrupted' | 'cut';
};

export type Ends = readonly LiveEnd[];

/**
 * liveEnds asks the gateway's own judgement (session-fate.ts) about each tunnel. What it was told is taken to be what it would be told before
 * the change, and that it takes updates is not believed: those stop its packets for as long (decision 68). A tunnel that is being ended anyway
 * is none of this change's. Of two tunnels of one end (a hand-over) the later one in the list counts.
 */
export function liveEnds(
  was: GatewayConfiguration,
  is: GatewayConfiguration,
  tunnels: readonly LiveTunnel[],
  users: ReadonlyMap<string, UserId>,
): Ends {
  const sessions = new Map(
    tunnels.flatMap((tunnel): [EndpointId, TunnelSession][] => {
      const endpoint = was.endpoints[tunnel.endpoint];
      return endpoint === undefined ? [] : [[tunnel.endpoint, sessionOf(was, tunnel, endpoint)]];
    }),
  );
  const onLanes = Map.groupBy(sessions.values(), ({ lane }) => lane);
  return [...sessions.values()].flatMap((session): LiveEnd[] => {
    const onLane = () => onLanes.get(session.lane) ?? [];
    if (sessionFate(was, session, onLane).kind === 'cut') return [];
    const { endpoint } = session;
    return [{ endpoint, user: users.get(endpoint) ?? null, fate: fateOf(sessionFate(is, session, onLane)) }];
  });
}

function sessionOf(was: GatewayConfiguration, { runsAgent, ...tunnel }: LiveTunnel, endpoint: Endpoint): TunnelSession {
  return {
    ...tunnel,
    address: endpoint.address,
    owns: ownedOn(was, tunnel.lane, tunnel.endpoint, endpoint),
    pushed: runsAgent ? nothingPushed : pushedTo(was, endpoint),
    // Which machine it runs on, its gateway alone knows.
    found: true,
    peer: runsAgent ? { agent: true } : {},
  };
}

function ownedOn(was: GatewayConfiguration, lane: LaneId, id: EndpointId, endpoint: Endpoint): readonly PrefixText[] {
  const kind = laneKind(lane);
  if (kind === 'connector' || kind === 'handover') return [everything];
  if (endpoint.kind !== 'connector' || endpoint.network === null) return [];
  return was.networks[endpoint.network]?.connectors[0] === id ? prefixesOfNetwork(was, endpoint.network) : [];
}

function fateOf(fate: ReturnType<typeof sessionFate>): LiveEnd['fate'] {
  switch (fate.kind) {
    case 'keep':
      return 'kept';
    case 'cut':
      return fate.reason === 'revoked' || fate.reason === 'suspended' ? 'cut' : 'interrupted';
    case 'restart':
      // Our agent hands over to another tunnel meanwhile, and loses nothing.
      return fate.when === 'unless-handed-over' ? 'kept' : 'interrupted';
    case 'update':
      return 'interrupted';
  }
}

/** countOf counts those that are wanted. */
export function countOf(ends: Ends, isWanted: (end: LiveEnd) => boolean): EndCount {
  const wanted = ends.filter(isWanted);
  const devices = wanted.filter(({ user }) => user !== null);
  return {
    people: new Set(devices.map(({ user }) => user)).size,
    devices: devices.length,
    connectors: wanted.length - devices.length,
  };
}
