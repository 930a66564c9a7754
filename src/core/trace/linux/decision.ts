import type { Address } from '../../ip/address.ts';
import type { Prefix } from '../../ip/prefix.ts';
import type { Quote, Unknown } from './known.ts';
import type { SysctlFact } from './linux-host.ts';

/** What the kernel drops a packet for before any rule of nft or iptables sees it, or after. Closed; each with what it means. */
export const dropReasons = {
  'interface-missing': 'The machine has no interface of that name.',
  'interface-down': 'The interface is switched off.',
  'family-off': 'IPv6 is switched off on the interface (disable_ipv6).',
  'martian-source': 'The source is none that a packet may have: 0/8, loopback, multicast, broadcast.',
  'martian-destination': 'The destination is none that is forwarded: 0/8, loopback, link-local.',
  'own-source': 'The source is an address of the machine itself, and accept_local is off.',
  'rp-filter': 'Strict rp_filter: the way back to the source leaves by another interface.',
  'rp-filter-no-route': 'rp_filter, strict or loose: there is no way back to the source at all.',
  'source-not-local': 'The machine was to send from an address that it does not have.',
  'forwarding-off': 'The machine forwards nothing.',
  'interface-forwarding-off': 'The machine forwards, but not what arrives on this interface.',
  'no-route': 'No policy rule and table has a way to the destination.',
  blackhole: 'A route or a policy rule discards the packet in silence.',
  unreachable: 'A route or a policy rule answers that the destination is unreachable.',
  prohibit: 'A route or a policy rule answers that it is prohibited.',
} as const satisfies Record<string, string>;
export type DropReason = keyof typeof dropReasons;

export type Drop = {
  readonly kind: 'drop';
  readonly reason: DropReason;
  /** The route, rule or address that decides; null where a setting does, or the lack of something. */
  readonly quote: Quote | null;
  readonly sysctl: SysctlFact | null;
};

/** FoundRoute is the route that a look-up ended at, and the policy rule that led to its table. */
export type FoundRoute = {
  readonly rule: Quote;
  readonly route: Quote;
  readonly table: string;
  readonly prefix: Prefix;
  readonly protocol: string;
  readonly preferredSource: Address | null;
};

/** Way is where a packet leaves: `nextHop` is the gateway or, on the segment itself, the destination. `mtu` is the route's own. */
export type Way = {
  readonly interface: string;
  readonly nextHop: Address;
  readonly gateway: Address | null;
  readonly mtu: number | null;
};

/** Ways has several where the kernel shares the load by hash or by what routers answer: which one it is, is not known. */
export type Ways = readonly [Way, ...Way[]];

/** SourceCheck is what was done about the source of a packet that arrived. `filter` null: there is none of the kind (IPv6). */
export type SourceCheck = {
  readonly filter: { readonly mode: 'off' | 'strict' | 'loose'; readonly sysctl: SysctlFact } | null;
  /** The way back to the source, where the kernel looked for it. */
  readonly reverse: FoundRoute | null;
  /** The way back does not use the interface that the packet came in by: answers leave elsewhere. False where the kernel did not look. */
  readonly leavesElsewhere: boolean;
};

export type Local = {
  readonly kind: 'local';
  readonly cast: 'unicast' | 'broadcast';
  /** Null for the broadcast address 255.255.255.255. */
  readonly route: FoundRoute | null;
  readonly source: SourceCheck | null;
};

export type Forward = {
  readonly kind: 'forward';
  readonly route: FoundRoute;
  readonly ways: Ways;
  readonly source: SourceCheck;
  readonly forwarding: SysctlFact;
  /** The sender is told of a better next hop on its own segment. */
  readonly redirect: 'sent' | 'not-sent' | 'unknown';
};

export type InputDecision = Forward | Local | Drop | Unknown;

export type OutputDecision =
  | { readonly kind: 'send'; readonly route: FoundRoute | null; readonly ways: Ways }
  | Local
  | Drop
  | Unknown;
