import type { Overview } from '../../../contract/api/overview.ts';
import type { CardState, EdgeState, MapCard, MapEdge } from '../../../core/map-layout.ts';
import { stateOf } from '../networks/connector-state.ts';

type Group = NonNullable<Overview['groups']>[number];
type Region = Overview['regions'][number];
type Network = NonNullable<Overview['networks']>[number];
type Host = NonNullable<Overview['hosts']>[number];
type Internet = NonNullable<Overview['internet']>;
type Connector = Network['connectors'][number];

/** MapObject is what a card stands for. */
export type MapObject =
  | { readonly kind: 'user-group'; readonly group: Group }
  | { readonly kind: 'region'; readonly region: Region }
  | { readonly kind: 'network'; readonly network: Network }
  | { readonly kind: 'host'; readonly host: Host }
  | { readonly kind: 'internet'; readonly internet: Internet };

/** StateWord is what a state means for an object: a key of `map.words` with what is counted. */
export type StateWord = {
  readonly key:
    | 'up'
    | 'online'
    | 'connectors'
    | 'noConnector'
    | 'offline'
    | 'degraded'
    | 'lanes'
    | 'noLanes'
    | 'silent'
    | 'noGateway'
    | 'uses'
    | 'refused'
    | 'unused';
  readonly some?: number;
  readonly all?: number;
};

/** ShownObject is a card of the map with what it says. */
export type ShownObject = MapCard & {
  readonly name: string;
  /** What machines call it; empty where it has no such name. */
  readonly address: string;
  readonly word: StateWord;
  readonly object: MapObject;
};

/** OverviewMap is what the overview knows as cards and edges; `leavesBy` says for each site whose internet traffic leaves there, by card. */
export type OverviewMap = {
  readonly objects: readonly ShownObject[];
  readonly edges: readonly MapEdge[];
  readonly leavesBy: ReadonlyMap<string, ReadonlySet<string>>;
};

/** Hosts come after the networks of their region. */
const hostsAfter = 1_000_000;

const internetId = 'internet';

/** cardId is the id of an object's card, for the address of the page too. */
export function cardId(kind: MapObject['kind'], id: string): string {
  return kind === 'internet' ? internetId : `${kind}:${id}`;
}

/** mapOf makes cards and edges of what the overview answers. What the person may not read is not there. */
export function mapOf({ groups, regions, networks, hosts, internet }: Overview): OverviewMap {
  const places = new Map(regions.map(({ id, order }) => [id, order]));
  const names = new Map(regions.map(({ id, name }) => [id, name]));
  // A region without a gateway of its own is served by another one, whose card stands for both.
  const shownRegions = regions.filter(({ gateway, servedBy }) => gateway !== null || servedBy === null);
  const sites = [
    ...(networks ?? []).map((network, order) => ({
      site: network,
      order,
      address: firstOf(network.prefixes),
      object: { kind: 'network', network } as const,
    })),
    ...(hosts ?? []).map((host, index) => ({
      site: host,
      order: hostsAfter + index,
      address: host.connectors[0]?.ipV4Address ?? '',
      object: { kind: 'host', host } as const,
    })),
  ];
  const uses = internet?.uses ?? [];
  const siteOf = new Map(
    sites.flatMap(({ site, object }) => site.connectors.map((connector) => [connector.id, cardId(object.kind, site.id)])),
  );
  const objects: ShownObject[] = [
    ...(groups ?? []).map((group, order): ShownObject => {
      const regionIds = group.regions.map(({ regionId }) => regionId);
      return {
        id: cardId('user-group', group.id),
        column: 'people',
        order,
        state: group.peopleOnline > 0 ? 'up' : 'unknown',
        label: names.get(regionIds[0] ?? '') ?? '',
        regions: ordersOf(regionIds, places),
        name: group.name,
        address: '',
        word: { key: 'online', some: group.peopleOnline, all: group.people },
        object: { kind: 'user-group', group },
      };
    }),
    ...shownRegions.map(
      (region): ShownObject => ({
        id: cardId('region', region.id),
        column: 'region',
        order: region.order,
        ...regionState(region),
        label: region.country,
        regions: [],
        name: region.name,
        address: region.id,
        object: { kind: 'region', region },
      }),
    ),
    ...sites.map(({ site, order, address, object }): ShownObject => {
      const regionIds = site.connectors.map(({ gatewayRegionId, regionId }) => gatewayRegionId ?? regionId);
      return {
        id: cardId(object.kind, site.id),
        column: 'site',
        order,
        ...siteState(site.connectors),
        label: names.get(regionIds[0] ?? '') ?? '',
        regions: ordersOf(regionIds, places),
        name: site.name,
        address,
        object,
      };
    }),
    ...(internet === null ? [] : [internetCard(internet)]),
  ];
  const edges = [
    ...(groups ?? []).flatMap((group) =>
      group.regions.map(({ regionId, traffic }): MapEdge => {
        const [from, to] = [cardId('user-group', group.id), cardId('region', regionId)];
        return { from, to, state: 'up', bytesPerSecond: traffic.bytesPerSecond };
      }),
    ),
    ...sites.flatMap(({ site, object }) =>
      site.connectors
        .filter(({ suspended }) => !suspended)
        .map((connector): MapEdge => {
          const from = cardId('region', connector.gatewayRegionId ?? connector.regionId);
          const to = cardId(object.kind, site.id);
          return { from, to, state: edgeState(connector), bytesPerSecond: connector.traffic.bytesPerSecond };
        }),
    ),
    ...uses.flatMap(({ connectorId }): MapEdge[] => {
      const from = siteOf.get(connectorId);
      return from === undefined ? [] : [{ from, to: internetId, state: 'up', bytesPerSecond: null }];
    }),
    // Who could take over: an internet gateway by which nobody leaves now.
    ...(networks ?? [])
      .filter(
        ({ egress, connectors }) => egress && !uses.some(({ connectorId }) => connectors.some(({ id }) => id === connectorId)),
      )
      .map(({ id, connectors }): MapEdge => {
        const state = connectors.some(({ connectionStatus }) => connectionStatus === 'ONLINE') ? 'standby' : 'down';
        return { from: cardId('network', id), to: internetId, state, bytesPerSecond: null };
      }),
  ];
  const leavesBy = new Map<string, Set<string>>();
  for (const { kind, id, connectorId } of uses) {
    const site = siteOf.get(connectorId);
    if (site !== undefined) leavesBy.set(site, (leavesBy.get(site) ?? new Set()).add(cardId(kind, id)));
  }
  return { objects, edges, leavesBy };
}

function firstOf(prefixes: readonly string[]): string {
  const [first = '', ...others] = prefixes;
  return others.length === 0 ? first : `${first} +${String(others.length)}`;
}

function ordersOf(regionIds: readonly string[], places: ReadonlyMap<string, number>): readonly number[] {
  return [...new Set(regionIds)].flatMap((id) => places.get(id) ?? []);
}

function edgeState(connector: Connector): EdgeState {
  switch (connector.role) {
    case 'offline':
      return 'down';
    case 'standby':
    case 'draining':
      return 'standby';
    case 'active':
    case 'sharing':
      return stateOf(connector) === 'up' ? 'up' : 'degraded';
  }
}

type Stated = { readonly state: CardState; readonly word: StateWord };

function siteState(all: readonly Connector[]): Stated {
  const connectors = all.filter(({ suspended }) => !suspended);
  if (connectors.length === 0) return { state: 'unknown', word: { key: 'noConnector' } };
  const online = connectors.filter(({ connectionStatus }) => connectionStatus === 'ONLINE');
  if (online.length === 0) return { state: 'down', word: { key: 'offline' } };
  if (online.length < connectors.length)
    return { state: 'degraded', word: { key: 'connectors', some: online.length, all: connectors.length } };
  if (online.some((connector) => stateOf(connector) !== 'up')) return { state: 'degraded', word: { key: 'degraded' } };
  return { state: 'up', word: { key: 'up' } };
}

function regionState({ gateway }: Region): Stated {
  if (gateway === null) return { state: 'down', word: { key: 'noGateway' } };
  if (!gateway.reports) return { state: 'down', word: { key: 'silent' } };
  const { lanes, lanesUp } = gateway;
  if (lanes === 0) return { state: 'pending', word: { key: 'noLanes' } };
  if (lanesUp === lanes) return { state: 'up', word: { key: 'up' } };
  return { state: lanesUp === 0 ? 'down' : 'degraded', word: { key: 'lanes', some: lanesUp, all: lanes } };
}

function internetCard(internet: Internet): ShownObject {
  const { uses, refused } = internet;
  const stated: Stated =
    refused.length > 0
      ? { state: uses.length > 0 ? 'degraded' : 'down', word: { key: 'refused', some: refused.length } }
      : uses.length > 0
        ? { state: 'up', word: { key: 'uses', some: uses.length } }
        : { state: 'unknown', word: { key: 'unused' } };
  return {
    id: internetId,
    column: 'internet',
    order: 0,
    ...stated,
    label: '',
    regions: [],
    name: '',
    address: '',
    object: { kind: 'internet', internet },
  };
}
