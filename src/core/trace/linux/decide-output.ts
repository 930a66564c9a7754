import type { Address } from '../../ip/address.ts';
import type { Packet } from '../packet.ts';
import type { Drop, FoundRoute, OutputDecision, Ways } from './decision.ts';
import { drop, foundRoute, refusedBy, waysOf } from './found-route.ts';
import { needed, orUnknown, undecided } from './known.ts';
import type { LinuxHost } from './linux-host.ts';
import { eitherConf } from './linux-host.ts';
import { lookupRoute } from './route-lookup.ts';
import type { RouteQuery } from './route-query.ts';
import { loopback, queryFor } from './route-query.ts';
import type { Route } from './routes.ts';
import { ownAddress } from './source-check.ts';
import { isNobody, isNobodysNet } from './special-addresses.ts';

/**
 * Departure is a packet that the machine makes. `oif`: its socket is bound to an interface; `user`: whose it is, null where not known.
 */
export type Departure = {
  readonly packet: Packet;
  readonly oif: string | null;
  readonly mark: number;
  readonly user: number | null;
};

/** decideOutput is the kernel's route for a packet of its own, what `ip route get DST from SRC` answers. Deterministic, never throws. */
export function decideOutput(host: LinuxHost, { packet, oif, mark, user }: Departure): OutputDecision {
  return orUnknown(() => {
    const { source, destination } = packet;
    if (source.family !== destination.family) return undecided('source and destination are of different families');
    const query = queryFor(packet, { iif: loopback, oif, mark, user });
    const refused = destination.family === 4 ? sourceProblem4(host, query) : undefined;
    if (refused !== undefined) return refused;
    const bound = oif === null ? undefined : needed(host.interfaces).get(oif);
    if (oif !== null && bound === undefined) return drop('interface-missing');
    if (bound?.up === false) return drop('interface-down');
    if (isMulticast(query)) return undecided('multicast is not modelled');
    // To nobody is to itself.
    if (isNobody(destination)) return { kind: 'local', cast: 'unicast', route: null, source: null };
    return route(host, query);
  });
}

function route(host: LinuxHost, query: RouteQuery): OutputDecision {
  const { destination, oif } = query;
  const { family } = destination;
  const found = lookupRoute(host, query);
  if (found.kind !== 'found') {
    // IPv4 takes the destination to be on the segment where a socket is bound to an interface and no table knows better.
    if (oif !== null && family === 4) {
      return send(host, query, null, [{ interface: oif, nextHop: destination, gateway: null, mtu: null }]);
    }
    return found.kind === 'none' ? drop('no-route') : refusedBy(host, family, found);
  }
  const { type } = found.route;
  if (type === 'local' || type === 'anycast')
    return { kind: 'local', cast: 'unicast', route: foundRoute(host, found), source: null };
  return send(host, query, foundRoute(host, found), waysOf(found.choice, destination));
}

/** 127/8 leaves by loopback only, unless route_localnet allows it (__mkroute_output). */
function send(host: LinuxHost, { source }: RouteQuery, found: FoundRoute | null, ways: Ways): OutputDecision {
  const loops = source.family === 4 && source.value >>> 24 === 127;
  const carried = loops ? ways.filter((way) => mayCarryLoopback(host, way.interface)).length : ways.length;
  if (carried === 0) return drop('martian-source');
  if (carried < ways.length) return undecided('whether the source may leave depends on which next hop the packet takes');
  return { kind: 'send', route: found, ways };
}

function mayCarryLoopback(host: LinuxHost, device: string): boolean {
  return needed(host.interfaces).get(device)?.loopback === true || eitherConf(host, device, 'route_localnet');
}

/**
 * IPv4 sends from its own addresses only, those of the local table among them (ip_route_output_key_hash_rcu). 0.0.0.0 is a source that
 * nobody has chosen yet: the route then decides it.
 */
function sourceProblem4(host: LinuxHost, query: RouteQuery): Drop | undefined {
  const { source } = query;
  if (isNobody(source)) return undefined;
  if (isNobodysNet(host, source) || Number(source.value) >>> 28 === 14 || Number(source.value) === 0xffff_ffff)
    return drop('martian-source');
  if (ownAddress(host, source) !== undefined || isLocalByTable(host, source)) return undefined;
  return drop('source-not-local');
}

function isLocalByTable(host: LinuxHost, source: Address): boolean {
  const tables = needed(host.routes[4]);
  const byLocal = firstType(tables.candidates('local', source)) === 'local';
  if (tables.isMergeVisible && byLocal !== (firstType(tables.candidatesOfMerged(source)) === 'local')) {
    return undecided('whether the machine may send from this source depends on policy rules that were there and are gone');
  }
  return byLocal;
}

function firstType(candidates: Iterable<readonly Route[]>): Route['type'] | undefined {
  for (const [first] of candidates) return first?.type;
  return undefined;
}

function isMulticast({ destination }: RouteQuery): boolean {
  const value = BigInt(destination.value);
  return destination.family === 4 ? value >> 28n === 14n || value === 0xffff_ffffn : value >> 120n === 0xffn;
}
