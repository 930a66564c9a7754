import type { DeviceAuthentication } from './connect-authentication.ts';
import type { MachineDemand } from './device-identity.ts';
import type { EndpointId, GatewayId, NetworkId, Serial } from './ids.ts';
import type { AddressText } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import type { EgressClassId } from './egress-classes.ts';
import type { Lane, LaneId } from './lanes.ts';

/**
 * GatewayConfiguration is everything that a gateway needs to carry packets and to answer CONNECT and REAUTH by itself: the output of
 * compile, and the input of the gateway's planners and of the tracer. Keyed maps of plain JSON values, so that two revisions differ
 * by keys (configuration-delta.ts) and a map of 5,000 endpoints travels as the one entry that changed.
 */
export type GatewayConfiguration = {
  readonly revision: number;
  readonly gateway: GatewayIdentity;
  readonly lanes: Readonly<Record<LaneId, Lane>>;
  readonly endpoints: Readonly<Record<EndpointId, Endpoint>>;
  readonly certificates: Readonly<Record<Serial, EndpointId>>;
  /** Every prefix behind a network, whoever serves it. */
  readonly prefixes: Readonly<Record<PrefixText, SitePrefix>>;
  readonly networks: Readonly<Record<NetworkId, SiteNetwork>>;
  readonly egress: Readonly<Record<EgressClassId, EgressClass>>;
};

export type GatewayIdentity = {
  readonly id: GatewayId;
  /** The address on every lane's tun, host part of the first tunnel range. */
  readonly address: AddressText;
  readonly tunnelRanges: readonly PrefixText[];
  /** No endpoint is given a route that covers one of these: its tunnel would go through itself. */
  readonly publicAddresses: readonly AddressText[];
  readonly dnsServers: readonly AddressText[];
};

export type SitePrefix = { readonly network: NetworkId };

/**
 * SiteNetwork is who serves a network at this gateway. `connectors` in order of preference, without suspended ones. Where `sharing`, all
 * healthy ones take flows at once; else exactly one, because the LAN sends answers to one alone.
 */
export type SiteNetwork = {
  readonly name: string;
  readonly connectors: readonly EndpointId[];
  readonly sharing: boolean;
  /** Its connectors may send with any source but those that belong to somebody else. */
  readonly egress: boolean;
  /** Where traffic for the internet that comes from its prefixes goes. */
  readonly internet: EndpointInternet;
};

/**
 * EndpointInternet: `local` traffic for the internet does not come here; else the endpoint sends all of it, but for `bypass`, and the
 * class decides.
 */
export type EndpointInternet =
  | { readonly kind: 'local' }
  | { readonly kind: 'tunnel'; readonly class: EgressClassId; readonly bypass: readonly PrefixText[] };

/** EgressClass is where packets of its sources may go when no network has their destination. What is not listed is refused. */
export type EgressClass = {
  /** `0.0.0.0/0`, or single trusted addresses. */
  readonly destinations: readonly PrefixText[];
  /** In order of preference: the first that is healthy is used. */
  readonly candidates: readonly EndpointId[];
};

/** `suspended` endpoints stay known, so that they are told to wait and not that they are unknown. */
export type Admission = 'admitted' | 'suspended';

export type Endpoint = ConnectorEndpoint | DeviceEndpoint;

export type ConnectorEndpoint = {
  readonly kind: 'connector';
  readonly name: string;
  readonly address: AddressText;
  readonly admission: Admission;
  /** The lane of its own, or null where lanes have run out: then it shares the TCP lane. */
  readonly lane: LaneId | null;
  /** The network it serves; null for a host's connector, which serves its own address only. */
  readonly network: NetworkId | null;
  /** What clients without our agent are told; a network's own traffic is decided by its `internet`. */
  readonly internet: EndpointInternet;
  readonly draining: boolean;
  /** Addresses behind it that answer as long as it can reach its LAN; empty: only the tunnel is probed. */
  readonly probeTargets: readonly AddressText[];
};

export type DeviceEndpoint = {
  readonly kind: 'device';
  readonly name: string;
  readonly address: AddressText;
  readonly admission: Admission;
  readonly lane: LaneId;
  readonly internet: EndpointInternet;
  readonly authentication: DeviceAuthentication;
  readonly machine: MachineDemand;
};
