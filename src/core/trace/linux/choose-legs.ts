import type { Address } from '../../ip/address.ts';
import type { LinuxHost } from './linux-host.ts';
import { sysctlOf } from './linux-host.ts';
import { needed, undecided } from './known.ts';
import { neighbourKey } from './neighbours.ts';
import type { RouteQuery } from './route-query.ts';
import { loopback } from './route-query.ts';
import type { Leg, Route } from './routes.ts';

/**
 * LegChoice are the legs of which the kernel takes one: several where a hash or the state of neighbours chooses. Empty where the route
 * needs none.
 */
export type LegChoice = readonly { readonly leg: Leg; readonly route: Route }[];

type Chosen = { readonly route: Route; readonly choice: LegChoice };

/** chooseLegs4 takes the first route of the longest prefix that has a leg in use (fib_table_lookup, fib_select_path). */
export function chooseLegs4(host: LinuxHost, candidates: Iterable<readonly Route[]>, query: RouteQuery): Chosen | undefined {
  for (const routes of candidates) {
    for (const route of routes) {
      evaluable(route);
      if (isRefusal(route)) return { route, choice: [] };
      const usable = route.legs.filter((leg) => isUsable(host, leg, query));
      const [first] = usable;
      if (first === undefined) continue;
      // An interface that was asked for ends the choice at the first leg.
      if (query.oif !== null) return { route, choice: here(host, route, [first]) };
      return {
        route,
        choice:
          usable.length > 1 || !isOwnDefault(route, query) ? here(host, route, usable) : defaultsLike(host, route, routes, query),
      };
    }
  }
  return undefined;
}

function here(host: LinuxHost, route: Route, legs: readonly Leg[]): LegChoice {
  const [only] = legs;
  if (only !== undefined && legs.length === 1 && only.gateway === null) return [{ leg: only, route }];
  return legs.flatMap((leg) => meanings(host, leg).map((meant) => ({ leg: meant, route })));
}

/**
 * A gateway that is the machine itself means: the destination is on the segment (fib_check_nh gives it the scope of the host). Only
 * if it was one
 * when the route was made, which nobody reports: both are possible.
 */
function meanings(host: LinuxHost, leg: Leg): readonly Leg[] {
  const { gateway } = leg;
  if (gateway?.family !== 4 || !isOwn(host, gateway)) return [leg];
  return [{ ...leg, gateway: null }, leg];
}

function isOwn(host: LinuxHost, address: Address): boolean {
  for (const routes of needed(host.routes[4]).candidates('local', address)) return routes[0]?.type === 'local';
  return false;
}

function isOwnDefault(route: Route, query: RouteQuery): boolean {
  return route.prefix.length === 0 && route.type === 'unicast' && query.iif === loopback;
}

/** Of several defaults with one metric the kernel prefers those whose router answers (fib_select_default); for its own packets only. */
function defaultsLike(host: LinuxHost, route: Route, routes: readonly Route[], query: RouteQuery): LegChoice {
  return routes
    .filter(
      ({ metric, type, problem, table }) =>
        metric === route.metric && type === 'unicast' && problem === null && table === route.table,
    )
    .flatMap((one) => here(host, one, one.legs.filter((leg) => isUsable(host, leg, query)).slice(0, 1)));
}

/**
 * chooseLegs6 takes of the longest prefix with a usable route those of the lowest metric with the best score: the router's preference
 * first, then
 * whether it leaves by the interface that is asked about (rt6_score_route). A plain host passes over routers that do not answer, unless
 * nothing else is left; a forwarding one does not.
 */
export function chooseLegs6(host: LinuxHost, candidates: readonly (readonly Route[])[], query: RouteQuery): Chosen | undefined {
  if (candidates.length === 0) return undefined;
  const prefersReachable = sysctlOf(host, 'net/ipv6/conf/all/forwarding').value === 0;
  const reachable = prefersReachable ? choose6(host, candidates, query, true) : undefined;
  return reachable ?? choose6(host, candidates, query, false);
}

function choose6(
  host: LinuxHost,
  candidates: readonly (readonly Route[])[],
  query: RouteQuery,
  reachableOnly: boolean,
): Chosen | undefined {
  for (const routes of candidates) {
    for (const metric of new Set(routes.map((route) => route.metric))) {
      const chosen = bestOf(
        host,
        routes.filter((route) => route.metric === metric),
        query,
        reachableOnly,
      );
      if (chosen !== undefined) return chosen;
    }
  }
  return undefined;
}

function bestOf(host: LinuxHost, routes: readonly Route[], query: RouteQuery, reachableOnly: boolean): Chosen | undefined {
  const scored = routes.flatMap((route) => {
    evaluable(route);
    return route.legs.flatMap((leg) => {
      const score = scoreOf(host, route, leg, query, reachableOnly);
      return score === undefined ? [] : [{ route, leg, score }];
    });
  });
  const best = Math.max(...scored.map(({ score }) => score));
  const first = scored.find(({ score }) => score === best);
  if (first === undefined) return undefined;
  if (isRefusal(first.route)) return { route: first.route, choice: [] };
  // Legs of one route share the load whatever their score.
  const shared = first.route.legs.length > 1 ? scored.filter(({ route }) => route === first.route) : [];
  return { route: first.route, choice: shared.length > 1 ? shared : scored.filter(({ score }) => score === best) };
}

function scoreOf(host: LinuxHost, route: Route, leg: Leg, query: RouteQuery, reachableOnly: boolean): number | undefined {
  if (!isUsable(host, leg, { ...query, oif: null })) return undefined;
  const asked = query.iif === loopback ? query.oif : query.iif;
  const fits = asked === null || asked === leg.interface;
  const bound = query.iif === loopback && query.oif !== null;
  if (!fits && (bound || isBoundToInterface(query.destination))) return undefined;
  if (reachableOnly && leg.gateway !== null) {
    const neighbour = needed(host.neighbours).get(neighbourKey(leg.interface, leg.gateway));
    if (neighbour?.text.endsWith('FAILED') === true) return undefined;
  }
  return route.preference * 4 + (fits ? 2 : 0);
}

/** Link-local, multicast and loopback destinations mean something on one interface only (rt6_need_strict). */
function isBoundToInterface({ family, value }: Address): boolean {
  return family === 6 && (value >> 118n === 0x3fan || value >> 120n === 0xffn || value === 1n);
}

function isUsable(host: LinuxHost, leg: Leg, { oif, ignoreCarrier }: RouteQuery): boolean {
  if (oif !== null && oif !== leg.interface) return false;
  switch (leg.state) {
    case 'alive':
    case 'linkdown':
      return true;
    case 'ignored':
      return ignoreCarrier && needed(host.interfaces).get(leg.interface)?.up === true;
    case 'dead':
      return false;
  }
}

function isRefusal({ type }: Route): boolean {
  return type === 'blackhole' || type === 'unreachable' || type === 'prohibit' || type === 'throw';
}

function evaluable({ problem, text }: Route): void {
  if (problem !== null) undecided(`the route "${text}" has ${problem}, which is not modelled`);
}
