import type { ConnectAuth } from './connect-authentication.ts';
import type { DeviceEnforcement } from './device-identity.ts';
import type { ConnectorId, DeviceId, GatewayId, HostId, NetworkId, RegionId, Serial, UserGroupId, UserId } from './ids.ts';
import type { AddressText } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import type { EgressClassNumbers } from './egress-classes.ts';
import type { InternetAccess } from './internet-access.ts';
import type { LaneAssignment } from './lanes.ts';

/** How a network's connector hands packets to its LAN (design.md 6): `masquerade` hides tunnel addresses, `routed` keeps them. */
export type NatMode = 'masquerade' | 'routed';

/** Network is a site: the prefixes behind its connectors. Names are the operator's words: never trusted, always escaped. */
export type Network = {
  readonly id: NetworkId;
  readonly name: string;
  readonly nat: NatMode;
  readonly prefixes: readonly PrefixText[];
  readonly internet: InternetAccess;
  /** It is an internet gateway: traffic of those whose split tunnel is off may leave by its connectors. */
  readonly egress: boolean;
  /** Addresses behind it that the operator named for health probes; empty: the LAN router that each connector reports. */
  readonly probeTargets: readonly AddressText[];
};

export type Host = { readonly id: HostId; readonly name: string; readonly internet: InternetAccess };

/** Connector is an unattended tunnel end at a network or on a host. A suspended one keeps its address and may not connect. */
export type Connector = {
  readonly id: ConnectorId;
  readonly name: string;
  readonly site: { readonly kind: 'network'; readonly id: NetworkId } | { readonly kind: 'host'; readonly id: HostId };
  readonly region: RegionId;
  readonly address: AddressText;
  readonly suspended: boolean;
  /** Takes no new flows while another connector of its network can; those that it has stay (docs/high-availability.md). */
  readonly draining: boolean;
  /** The default router of its LAN, from its last observation; null where it reported none that lies in its network. */
  readonly lanRouter: AddressText | null;
};

export type UserGroup = {
  readonly id: UserGroupId;
  readonly name: string;
  readonly internet: InternetAccess;
  readonly connectAuth: ConnectAuth;
};

export type User = {
  readonly id: UserId;
  readonly name: string;
  readonly group: UserGroupId;
  readonly suspended: boolean;
};

/** Device is one end device of a user; `userLane` is the lane its profile names first (see lanes.ts). */
export type Device = {
  readonly id: DeviceId;
  readonly name: string;
  readonly user: UserId;
  readonly address: AddressText;
  readonly userLane: number;
  /** When somebody last proved at connect that they are its user; milliseconds since 1970, null: never. */
  readonly authenticatedAt: number | null;
  /** The machine that its profile belongs to, in its own word; empty: not known. */
  readonly clientUuid: string;
};

/** Certificate binds a serial to its endpoint. Revoked and expired ones are not in the model. */
export type Certificate = {
  readonly serial: Serial;
  readonly endpoint:
    | { readonly kind: 'connector'; readonly id: ConnectorId }
    | { readonly kind: 'device'; readonly id: DeviceId };
};

/** GatewaySite is what compile must know of the gateway it compiles for. Counts of lanes, not ports: those follow in lanes.ts. */
export type GatewaySite = {
  readonly id: GatewayId;
  readonly regions: readonly RegionId[];
  readonly vpnPort: number;
  readonly userLanes: number;
  readonly connectorLanes: number;
  /** Where its lanes are reached from outside: no endpoint is given a route that covers one of these. */
  readonly publicAddresses: readonly AddressText[];
};

/** WpcModel is the whole desired state that the controller holds, at one revision: the only input of compile. */
export type WpcModel = {
  readonly revision: number;
  /** The tunnel ranges; the first address of the first one is the gateway's on every lane (100.96.0.1). */
  readonly tunnelRanges: readonly PrefixText[];
  readonly networks: readonly Network[];
  readonly hosts: readonly Host[];
  readonly connectors: readonly Connector[];
  readonly userGroups: readonly UserGroup[];
  readonly users: readonly User[];
  readonly devices: readonly Device[];
  readonly certificates: readonly Certificate[];
  readonly laneAssignment: LaneAssignment;
  /** Resolvers that clients are told to use (settings/dns/custom-servers); trusted in every mode of internet access. */
  readonly dnsServers: readonly AddressText[];
  readonly egressClassNumbers: EgressClassNumbers;
  readonly deviceEnforcement: DeviceEnforcement;
};
