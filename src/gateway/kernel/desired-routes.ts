import type { Owners, PoolId } from '../../core/failover/pool.ts';
import type { GatewayConfiguration, SiteNetwork } from '../../core/gateway-configuration.ts';
import type { EndpointId, NetworkId } from '../../core/ids.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { everything } from '../../core/ip/prefix.ts';
import type { LaneId } from '../../core/lanes.ts';
import { prefixesOfNetwork } from '../../core/prefixes-of-network.ts';
import type { Session } from '../session.ts';
import type { EgressFacts, OwnLane } from './egress-facts.ts';
import { ownLaneId } from './egress-facts.ts';
import type { Routes, Via } from './kernel-routes.ts';
import { viaDevices } from './kernel-routes.ts';
import type { KernelOwnership } from './ownership.ts';
import { classMark, exitMark, internetClass, pinMark } from './ownership.ts';

/** Holders are the sessions that have the routes: one of each endpoint that is attached. */
export type Holders = ReadonlyMap<EndpointId, Session>;

/** findHolders picks of each endpoint's sessions the one that has its routes. */
export function findHolders(sessions: readonly Session[]): Holders {
  const holders = new Map<EndpointId, Session>();
  for (const session of sessions) {
    const holder = holders.get(session.endpoint);
    if (session.state !== 'superseded' && (holder === undefined || holdsBefore(session, holder)))
      holders.set(session.endpoint, session);
  }
  return holders;
}

/** Routes follow a new session only when its tunnel is up (make before break), and are there before, if there is no other. */
function holdsBefore(a: Session, b: Session): boolean {
  if (a.state !== b.state) return a.state === 'established';
  return a.order > b.order;
}

/** carries: a lane that is shared carries only what its daemon knows the owner of; a connector's own lane carries all. */
export function carries(session: Session, prefix: PrefixText): boolean {
  return session.owns.includes(everything) || session.owns.includes(prefix);
}

export type RouteInputs = {
  readonly own: KernelOwnership;
  readonly configuration: GatewayConfiguration;
  readonly facts: EgressFacts;
  readonly holders: Holders;
  readonly owners: Owners;
  readonly undecided: ReadonlySet<LaneId>;
  readonly device: (lane: LaneId) => string;
};

/** desiredRoutes is the overlay's table: every address that is attached, and every prefix by the owners of its network. */
export function desiredRoutes({ configuration, holders, owners, device }: RouteInputs): Map<PrefixText, Via> {
  const result = new Map<PrefixText, Via>();
  for (const session of holders.values()) result.set(`${session.address}/32` as PrefixText, device(session.lane));
  for (const [id, network] of Object.entries(configuration.networks)) {
    const sessions = servingSessions(id as NetworkId, network, holders, owners);
    for (const prefix of sessions.length === 0 ? [] : prefixesOfNetwork(configuration, id as NetworkId)) {
      const able = sessions.filter(({ session }) => carries(session, prefix));
      const chosen = able.filter(({ owns }) => owns);
      // Where no owner can carry the prefix (a shared lane gave it to another), one that can is better than nobody.
      const serving = chosen.length > 0 ? chosen : able.slice(0, 1);
      const used = network.sharing ? serving : serving.slice(0, 1);
      if (used.length > 0) result.set(prefix, viaDevices(used.map(({ session }) => device(session.lane))));
    }
  }
  return result;
}

type Serving = { readonly session: Session; readonly owns: boolean };

/** The sessions of a network: its owners first, in their order, then the others in the network's order. */
function servingSessions(id: NetworkId, { connectors }: SiteNetwork, holders: Holders, owners: Owners): readonly Serving[] {
  const decided = owners.get(`network:${id}`) ?? [];
  // Owners were chosen from an older configuration, perhaps: who does not serve the network any more gets nothing.
  const own = decided.filter((endpoint) => connectors.includes(endpoint));
  const others = connectors.filter((endpoint) => !own.includes(endpoint));
  const serving = (endpoints: readonly EndpointId[], owns: boolean) =>
    endpoints.flatMap((endpoint): Serving[] => {
      const session = holders.get(endpoint);
      return session === undefined ? [] : [{ session, owns }];
    });
  return [...serving(own, true), ...serving(others, false)];
}

/** desiredTables are the tables of classes and pins, by number; tables without a route are left out. */
export function desiredTables(inputs: RouteInputs): Map<number, Routes> {
  const { own, facts, configuration, device } = inputs;
  const tables = new Map<number, Routes>();
  for (const { id, number, destinations } of facts.classes) {
    const exit = exitOf(inputs, `egress:${id}`, configuration.egress[id]?.candidates ?? []);
    if (exit !== undefined)
      tables.set(classMark(own, number).table, new Map(destinations.map((prefix) => [prefix, exit] as const)));
  }
  // Nothing is ever sent by it: which of them it leads to is all the same.
  const [gateway] = facts.gateways;
  if (gateway !== undefined) tables.set(classMark(own, internetClass).table, new Map([[everything, device(ownLaneId(gateway))]]));
  for (const exit of facts.exits) {
    const via = exit.classes.length > 0 ? placeOf(inputs, exit) : undefined;
    if (via !== undefined) tables.set(exitMark(own, exit.lane).table, new Map([[everything, via]]));
  }
  for (const sharer of facts.sharers) {
    const via = placeOf(inputs, sharer);
    const served = prefixesOfNetwork(configuration, sharer.network);
    if (via !== undefined && served.length > 0)
      tables.set(pinMark(own, sharer.lane).table, new Map(served.map((prefix) => [prefix, via] as const)));
  }
  return tables;
}

/** The tun by which a class leaves; undefined if it is to be refused. */
function exitOf({ holders, owners, device }: RouteInputs, pool: PoolId, candidates: readonly EndpointId[]): Via | undefined {
  const chosen = owners.get(pool)?.filter((endpoint) => candidates.includes(endpoint)) ?? candidates;
  for (const endpoint of chosen) {
    const session = holders.get(endpoint);
    if (session !== undefined && carries(session, everything)) return device(session.lane);
  }
  return undefined;
}

/**
 * placeOf is the tun where flows that are pinned to a connector go: its own lane, or the hand-over lane while it is there. A lane that has
 * not told yet who is connected counts as taken. Undefined if it is not attached, or shares a lane, which does not carry everything.
 */
export function placeOf({ holders, undecided, device }: RouteInputs, connector: OwnLane): Via | undefined {
  const session = holders.get(connector.endpoint);
  if (session !== undefined) return carries(session, everything) ? device(session.lane) : undefined;
  return undecided.has(ownLaneId(connector)) ? device(ownLaneId(connector)) : undefined;
}
