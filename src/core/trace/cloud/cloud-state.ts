/**
 * src/core/trace/cloud is what a cloud does with a packet between two of its network cards: the check of the card, the filters of card and
 * subnet, the route table of the sender's subnet. `deliver.ts` is the way in. Tests stand beside:
 * `./causeway node --test 'src/core/trace/cloud/*.test.ts'`.
 *
 * This file: what was read of a cloud. It is one shape for all of them and no union of seven, because the walk, the findings and the drivers
 * ask the same questions everywhere (which card, which table, which rule); how the answers are weighed differs, and that is no state: it
 * stands in `vendors.ts`, once per vendor. So a driver writes down only what the operator set up. What a vendor adds by itself - system
 * routes, default and implied rules - is never in here.
 *
 * Null is always "not read"; an empty list is "read, and there is none". Ids are the vendor's.
 */
import type { AddressText } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import type { Protocol } from '../packet.ts';

export const cloudIds = ['aws', 'azure', 'gcp', 'oci', 'digitalocean', 'hetzner', 'alibaba'] as const;
/** CloudId is also the id of the platform in core/platforms/catalogue.ts. */
export type CloudId = (typeof cloudIds)[number];

export type CloudState = {
  readonly cloud: CloudId;
  /** Of the VPC, VNet, VCN or network. */
  readonly id: string;
  readonly label: string;
  readonly reading: Reading;
  /** Address ranges of the VPC: the cloud delivers them without a route of anybody's. */
  readonly ranges: readonly PrefixText[] | null;
  /** Those that were read; there may be more. */
  readonly cards: readonly NetworkCard[];
  readonly subnets: readonly Subnet[];
  readonly tables: readonly RouteTable[] | null;
  readonly filters: readonly Filter[] | null;
};

/** Reading is from where the state is: said by the operator, the metadata service of the connector's machine, or the API. `at` is ISO 8601. */
export type Reading = { readonly from: 'statement' | 'metadata' | 'api'; readonly at: string };

/** NetworkCard is an ENI, NIC, VNIC: where a machine meets the network. */
export type NetworkCard = {
  readonly id: string;
  readonly label: string;
  /** Other names by which routes and rules mean it: its machine, its private IPs (Oracle), its Droplet. */
  readonly aliases: readonly string[];
  /** The primary one first. */
  readonly addresses: readonly AddressText[];
  readonly subnet: string | null;
  /** It may send and take packets with foreign addresses: source/destination check off, IP forwarding on, canIpForward. */
  readonly forwards: boolean | null;
  /** The cloud's own words where a policy of its owner refuses to let it forward (Azure); null: nothing refused was met. */
  readonly refusal: string | null;
  /** Filters bound to it; several of one kind where the vendor allows that. */
  readonly filters: readonly string[] | null;
  /** Network tags and service account (Google Cloud), tags (DigitalOcean). */
  readonly tags: readonly string[] | null;
};

export type Subnet = {
  readonly id: string;
  readonly label: string;
  readonly prefixes: readonly PrefixText[];
  /** `default`: associated with none, so the VPC's main table applies, or in Azure only the system routes. */
  readonly table: { readonly kind: 'own'; readonly id: string } | { readonly kind: 'default' } | null;
  /** Network ACL, NSG or security lists. */
  readonly filters: readonly string[] | null;
};

export type RouteTable = {
  readonly id: string;
  readonly label: string;
  /** It applies to subnets without one of their own. */
  readonly main: boolean;
  readonly routes: readonly Route[];
};

export type Route = {
  /** Null where it is a list of the vendor's whose entries were not read. */
  readonly destination: PrefixText | null;
  readonly target: Target;
  /** `dead`: the vendor says that the next hop is gone (blackhole). */
  readonly state: 'active' | 'dead';
  readonly origin: 'system' | 'user' | 'propagated';
  /** Where the vendor has one (Google Cloud); the lower wins. */
  readonly priority: number | null;
  /** Only machines with one of these tags use it; null: all do. */
  readonly tags: readonly string[] | null;
};

export type Target =
  /** Inside the VPC, to whoever has the destination. */
  | { readonly kind: 'local' }
  /** A card by its id or one of its aliases. */
  | { readonly kind: 'card'; readonly name: string }
  | { readonly kind: 'address'; readonly address: AddressText }
  /** Internet or NAT gateway. */
  | { readonly kind: 'internet'; readonly name: string }
  /** A service of the vendor's with public addresses. */
  | { readonly kind: 'service'; readonly name: string }
  /** Peering, transit gateway, VPN: another network, of which nothing is known here. */
  | { readonly kind: 'elsewhere'; readonly name: string }
  /** Dropped on purpose. */
  | { readonly kind: 'nowhere' };

/** Filter is a security group, NSG, security list, network ACL or firewall. */
export type Filter = { readonly id: string; readonly label: string; readonly rules: readonly FilterRule[] | null };

export type FilterRule = {
  /** As the vendor shows it, in one line; it is quoted. */
  readonly text: string;
  readonly direction: 'in' | 'out';
  readonly action: 'allow' | 'deny';
  /** Number or priority, the lower first; 0 where the vendor has no order. */
  readonly order: number;
  readonly protocol: Protocol | 'any' | 'other';
  /** Source of what comes in, destination of what goes out. */
  readonly peers: readonly Peer[];
  /** Destination of what comes in, source of what goes out; null: any. */
  readonly own: readonly Peer[] | null;
  /** Destination ports; null: all. */
  readonly ports: readonly PortRange[] | null;
  readonly sourcePorts: readonly PortRange[] | null;
  /** Type of ICMP; null: all. */
  readonly icmpType: number | null;
  /** It remembers nothing, though its filter does for other rules (Oracle). */
  readonly stateless: boolean;
  /** Only cards with one of these tags; null: all to which the filter is bound. */
  readonly tags: readonly string[] | null;
};

export type PortRange = { readonly from: number; readonly to: number };

export type Peer =
  | { readonly kind: 'prefix'; readonly prefix: PrefixText }
  /** The cards that have this filter. */
  | { readonly kind: 'group'; readonly id: string }
  /** The cards that have this tag. */
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'card'; readonly name: string }
  /** A name of the vendor's for addresses: service tag, prefix list. */
  | { readonly kind: 'named'; readonly name: string };
