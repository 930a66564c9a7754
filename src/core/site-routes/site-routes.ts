import type { ConnectorId, NetworkId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import type { Prefix, PrefixText } from '../ip/prefix.ts';
import { comparePrefix, contains, everything, formatPrefix, overlaps, strictPrefix } from '../ip/prefix.ts';
import { intersect, subtract } from '../ip/prefix-set.ts';
import type { Connector, NatMode, WpcModel } from '../model.ts';
import type { LanAddress } from './lan-address.ts';
import type { PlannedNetwork, SitePlan, SitePlanInput } from './site-plan.ts';
import { sitePlan } from './site-plan.ts';

/** RouteFlow is a kind of traffic that stops, or cannot be started, without the route. */
export type RouteFlow =
  /** Answers of the LAN to people's devices and hosts, which keep their tunnel addresses there (routed mode). */
  | { readonly kind: 'devices-reach-network' }
  /** What the LAN starts towards people's devices and hosts. */
  | { readonly kind: 'network-reaches-devices' }
  /** Both directions between two sites: sources stay real, whatever the NAT mode of either (tutorial.md 4, note). */
  | { readonly kind: 'site-to-site'; readonly network: NetworkId }
  /** What the LAN sends to the internet. */
  | { readonly kind: 'internet' };

/**
 * SiteRoute is one line for the router of a LAN; `at: 'hosts'` is for the machines of the LAN but not for the router that the connector
 * itself uses: a default route there would send the connector's own tunnel back to it.
 */
export type SiteRoute = {
  readonly destination: PrefixText;
  /** The LAN address of the connector; null while no connector has reported one. */
  readonly via: AddressText | null;
  readonly need: 'required' | 'useful';
  readonly at: 'router' | 'hosts';
  readonly flows: readonly RouteFlow[];
};

/** LanConnector is a connector that routes of its network may point to. */
export type LanConnector = {
  readonly id: ConnectorId;
  readonly name: string;
  readonly lan: LanAddress | null;
  /** It has the network's routes at the gateway now; null where nobody has said. */
  readonly owns: boolean | null;
  readonly draining: boolean;
};

export type NetworkRoutes = {
  readonly network: NetworkId;
  readonly name: string;
  readonly nat: NatMode;
  readonly prefixes: readonly PrefixText[];
  readonly routes: readonly SiteRoute[];
  /** Suspended ones are not in it. */
  readonly connectors: readonly LanConnector[];
  /**
   * There are several connectors and the LAN knows one of them: when another takes over, the routes have to be changed to its address
   * (or the connectors share one by VRRP). With `routed` that stops all flows until it is done, with `masquerade` those that need a route.
   */
  readonly routesMove: boolean;
};

/** SiteWpc is the part of the model that matters here, with what connectors and gateways have reported. */
export type SiteWpc = Pick<WpcModel, 'tunnelRanges' | 'networks' | 'connectors'> & {
  readonly gatewayAddresses: readonly AddressText[];
  readonly lan: ReadonlyMap<ConnectorId, LanAddress>;
  /** Who has each network's routes; a network that is absent has not been reported. */
  readonly owners: ReadonlyMap<NetworkId, ReadonlySet<ConnectorId>>;
};

/** siteRoutes gives what the LAN of a network needs now, or undefined for a network that is not in the model. */
export function siteRoutes(wpc: SiteWpc): (id: NetworkId) => NetworkRoutes | undefined {
  const plan = sitePlan(planInput(wpc));
  const networks = new Map(wpc.networks.map((network) => [network.id, network]));
  const sitesIn = prefixOwners(wpc);
  const ranges = wpc.tunnelRanges.map((text) => strictPrefix(text));
  const connectorsOf = Map.groupBy(wpc.connectors, ({ site }) => site.id);
  return (id) => {
    const network = networks.get(id);
    if (network === undefined) return undefined;
    const connectors = lanConnectors(connectorsOf.get(id) ?? [], wpc, wpc.owners.get(id));
    const via = nextHop(connectors);
    const flowsOf = (destination: Prefix): RouteFlow[] => [
      ...(ranges.some((range) => overlaps(range, destination)) ? deviceFlows(network.nat) : []),
      ...sitesIn(destination)
        .filter((site) => site !== id)
        .map((site): RouteFlow => ({ kind: 'site-to-site', network: site })),
    ];
    return {
      network: id,
      name: network.name,
      nat: network.nat,
      prefixes: network.prefixes,
      routes: routesOf(plan, id, connectors, via, flowsOf),
      connectors,
      routesMove: connectors.length > 1,
    };
  };
}

/** planInput is what the plan of all networks needs of a model. */
export function planInput(wpc: Pick<SiteWpc, 'tunnelRanges' | 'networks' | 'gatewayAddresses'>): SitePlanInput {
  const networks = wpc.networks.map(
    ({ id, nat, prefixes, internet }): PlannedNetwork => ({ id, nat, prefixes, internet: internet.mode }),
  );
  return { tunnelRanges: wpc.tunnelRanges, networks, gatewayAddresses: wpc.gatewayAddresses };
}

function routesOf(
  plan: SitePlan,
  id: NetworkId,
  connectors: readonly LanConnector[],
  via: AddressText | null,
  flowsOf: (destination: Prefix) => readonly RouteFlow[],
): readonly SiteRoute[] {
  const destinations = plan.destinationsOf(id);
  if (destinations === undefined) return [];
  // What the connectors' own LAN interfaces are directly connected to may be another network's prefix where connectors stand in a transfer
  // network: a route for it through them would cover the next hop.
  const connected = connectors.flatMap(({ lan }) => (lan === null ? [] : [strictPrefix(lan.subnet)]));
  const lines = (texts: readonly PrefixText[], need: SiteRoute['need']): SiteRoute[] => {
    const prefixes = texts.map((text) => strictPrefix(text));
    const touched = connected.some((subnet) => prefixes.some((prefix) => overlaps(prefix, subnet)));
    return (touched ? subtract(prefixes, connected) : prefixes).map((prefix) => ({
      destination: formatPrefix(prefix),
      via,
      need,
      at: 'router',
      flows: flowsOf(prefix),
    }));
  };
  const internet: SiteRoute = {
    destination: everything,
    via,
    need: 'required',
    at: 'hosts',
    flows: [{ kind: 'internet' }],
  };
  return [
    ...lines(destinations.required, 'required'),
    ...lines(destinations.useful, 'useful'),
    ...(destinations.internet ? [internet] : []),
  ];
}

function deviceFlows(nat: NatMode): RouteFlow[] {
  return nat === 'routed'
    ? [{ kind: 'devices-reach-network' }, { kind: 'network-reaches-devices' }]
    : [{ kind: 'network-reaches-devices' }];
}

function lanConnectors(
  connectors: readonly Connector[],
  { lan }: SiteWpc,
  owners: ReadonlySet<ConnectorId> | undefined,
): readonly LanConnector[] {
  return connectors
    .filter(({ suspended }) => !suspended)
    .map(({ id, name, draining }) => ({
      id,
      name,
      lan: lan.get(id) ?? null,
      owns: owners === undefined ? null : owners.has(id),
      draining,
    }));
}

/** The owner's address; while no owner is known, that of the first connector that is not draining. */
function nextHop(connectors: readonly LanConnector[]): AddressText | null {
  const best = connectors.find(({ owns }) => owns === true) ?? connectors.find(({ draining }) => !draining) ?? connectors[0];
  return best?.lan?.address ?? null;
}

/** prefixOwners answers which networks have addresses in a prefix, in the order of their prefixes. */
function prefixOwners({ networks }: Pick<SiteWpc, 'networks'>): (prefix: Prefix) => readonly NetworkId[] {
  const all = networks
    .flatMap(({ id, prefixes }) => prefixes.map((text) => ({ id, prefix: strictPrefix(text) })))
    .toSorted((a, b) => comparePrefix(a.prefix, b.prefix));
  return (wanted) => {
    const found = new Set<NetworkId>();
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const each = all[middle];
      if (each !== undefined && comparePrefix(each.prefix, wanted) < 0) low = middle + 1;
      else high = middle;
    }
    const before = all[low - 1];
    if (before !== undefined && contains(before.prefix, wanted)) found.add(before.id);
    for (let index = low; ; index += 1) {
      const each = all[index];
      if (each === undefined || !overlaps(each.prefix, wanted)) break;
      found.add(each.id);
    }
    return [...found];
  };
}

/** sourcesAt are the addresses that arrive at a LAN as they are, so that its filters have to let them pass: other sites, in routed mode devices too. */
export function sourcesAt(routes: NetworkRoutes, tunnelRanges: readonly PrefixText[]): readonly PrefixText[] {
  const ranges = tunnelRanges.map((text) => strictPrefix(text));
  const required = routes.routes
    .filter(({ need, at }) => need === 'required' && at === 'router')
    .map(({ destination }) => strictPrefix(destination));
  const wanted = routes.nat === 'routed' ? required : subtract(required, intersect(required, ranges));
  return wanted.map((prefix) => formatPrefix(prefix));
}
