import type { EgressClassId } from '../../core/egress-classes.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { EndpointId, NetworkId } from '../../core/ids.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { everything, isIpv4Text } from '../../core/ip/prefix.ts';
import type { LaneId } from '../../core/lanes.ts';
import { laneKind, laneNumber } from '../../core/lanes.ts';
import { disjoint } from './disjoint.ts';

/** OwnLane is a connector with its own lane, by number too: marks and tables of pins are named after it, wherever it is attached. */
export type OwnLane = { readonly endpoint: EndpointId; readonly lane: number };

/**
 * EgressFacts is what the kernel has to know of pools and of the internet as far as it follows from the configuration alone. All prefixes
 * are IPv4: tunnels carry nothing else.
 */
export type EgressFacts = {
  /** Connectors of networks that several serve. */
  readonly sharers: readonly (OwnLane & { readonly network: NetworkId })[];
  /** Connectors by which classes may leave; `classes` are those among which flows have to be pinned: there is another candidate. */
  readonly exits: readonly (OwnLane & { readonly classes: readonly number[] })[];
  /** Connectors of internet gateways: they may send whatever the overlay does not claim. */
  readonly gateways: readonly OwnLane[];
  readonly classes: readonly {
    readonly id: EgressClassId;
    readonly number: number;
    readonly destinations: readonly PrefixText[];
  }[];
  /** Class of each source, by single addresses and by prefixes (disjoint). */
  readonly hosts: readonly (readonly [PrefixText, number])[];
  readonly sites: readonly (readonly [PrefixText, number])[];
  /** All that belongs to the overlay, disjoint; empty where there is no internet gateway, because nobody asks then. */
  readonly claimed: ReadonlySet<PrefixText>;
};

/** Configurations are immutable; this is worked out once for each, not at each pass over 10,000 prefixes. */
const remembered = new WeakMap<GatewayConfiguration, EgressFacts>();

/** egressFacts is pure; it remembers its answers as long as the configuration lives. */
export function egressFacts(configuration: GatewayConfiguration): EgressFacts {
  const known = remembered.get(configuration);
  if (known !== undefined) return known;
  const facts = readFacts(configuration);
  remembered.set(configuration, facts);
  return facts;
}

/** classNumber is the number in the name of a class. */
export function classNumber(id: EgressClassId): number {
  return Number(id.slice(1));
}

function readFacts(configuration: GatewayConfiguration): EgressFacts {
  const networks = Object.entries(configuration.networks).map(([id, network]) => ({ id: id as NetworkId, ...network }));
  const lanes = (endpoints: readonly EndpointId[]) => endpoints.flatMap((endpoint) => ownLane(configuration, endpoint));
  const classes = Object.entries(configuration.egress).map(([id, { destinations, candidates }]) => ({
    id: id as EgressClassId,
    number: classNumber(id as EgressClassId),
    destinations: destinations.filter(isIpv4Text),
    candidates,
  }));
  const exits = [...new Set(classes.flatMap(({ candidates }) => candidates))];
  return {
    sharers: networks
      .filter(({ connectors }) => connectors.length > 1)
      .flatMap(({ id, connectors }) => lanes(connectors).map((own) => ({ ...own, network: id }))),
    exits: lanes(exits).map((own) => ({
      ...own,
      classes: classes
        .filter(({ destinations, candidates }) => destinations.includes(everything) && candidates.length > 1)
        .filter(({ candidates }) => candidates.includes(own.endpoint))
        .map(({ number }) => number),
    })),
    gateways: networks.filter(({ egress }) => egress).flatMap(({ connectors }) => lanes(connectors)),
    classes: classes.filter(({ destinations }) => destinations.length > 0),
    hosts: hostClasses(configuration),
    sites: siteClasses(configuration),
    claimed: networks.some(({ egress }) => egress)
      ? new Set(disjoint([...configuration.gateway.tunnelRanges, ...prefixesOf(configuration)].filter(isIpv4Text)))
      : new Set(),
  };
}

/** ownLane is a connector's lane of its own, as a list of one; empty for devices, and for those that share the TCP lane. */
function ownLane(configuration: GatewayConfiguration, id: EndpointId): OwnLane[] {
  const endpoint = configuration.endpoints[id];
  if (endpoint?.kind !== 'connector' || endpoint.lane === null || endpoint.admission !== 'admitted') return [];
  if (configuration.lanes[endpoint.lane] === undefined || laneKind(endpoint.lane) !== 'connector') return [];
  return [{ endpoint: id, lane: laneNumber(endpoint.lane) }];
}

/** ownLaneId names it. */
export function ownLaneId({ lane }: OwnLane): LaneId {
  return `c${lane}`;
}

function hostClasses(configuration: GatewayConfiguration): (readonly [PrefixText, number])[] {
  return Object.values(configuration.endpoints).flatMap(({ address, admission, internet: access }) =>
    access.kind === 'tunnel' && admission === 'admitted'
      ? [[`${address}/32` as PrefixText, classNumber(access.class)] as const]
      : [],
  );
}

function siteClasses(configuration: GatewayConfiguration): (readonly [PrefixText, number])[] {
  const classes = new Map<PrefixText, number>();
  for (const [prefix, { network }] of Object.entries(configuration.prefixes)) {
    const access = configuration.networks[network]?.internet;
    if (access?.kind === 'tunnel' && isIpv4Text(prefix as PrefixText))
      classes.set(prefix as PrefixText, classNumber(access.class));
  }
  return disjoint([...classes.keys()]).map((prefix) => [prefix, classes.get(prefix) ?? 0] as const);
}

function prefixesOf({ prefixes }: GatewayConfiguration): PrefixText[] {
  return Object.keys(prefixes) as PrefixText[];
}
