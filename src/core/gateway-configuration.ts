import type { EndpointId, GatewayId, NetworkId, Serial } from './ids.ts';
import type { AddressText } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
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
  /** Every prefix behind a network, whoever serves it; `endpoints` are the active connectors of that network at this gateway. */
  readonly prefixes: Readonly<Record<PrefixText, SitePrefix>>;
};

export type GatewayIdentity = {
  readonly id: GatewayId;
  /** The address on every lane's tun, host part of the first tunnel range. */
  readonly address: AddressText;
  readonly tunnelRanges: readonly PrefixText[];
};

export type SitePrefix = { readonly network: NetworkId; readonly endpoints: readonly EndpointId[] };

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
};

export type DeviceEndpoint = {
  readonly kind: 'device';
  readonly name: string;
  readonly address: AddressText;
  readonly admission: Admission;
  readonly lane: LaneId;
};
