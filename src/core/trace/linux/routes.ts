import type { Address, Family } from '../../ip/address.ts';
import { address4, address6, formatAddress, tryParseAddress } from '../../ip/address.ts';
import type { Prefix } from '../../ip/prefix.ts';
import { hostPrefix, prefixOf, tryParsePrefix } from '../../ip/prefix.ts';
import type { ObservedMachine } from '../input.ts';
import type { JsonRecord } from './json-section.ts';
import {
  countField,
  field,
  isRecord,
  readRecords,
  recordsField,
  strangeKeys,
  textField,
  textsField,
  wordsOf,
} from './json-section.ts';
import type { Known } from './known.ts';
import { prefixWords } from './prefix-words.ts';

const routeTypes = [
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
] as const;
export type RouteType = (typeof routeTypes)[number];

/** Leg is one next hop of a route. */
export type Leg = {
  readonly interface: string;
  /** Null: the destination is on the segment itself. May be of the other family. */
  readonly gateway: Address | null;
  /**
   * `linkdown` has no carrier and is used nevertheless; `ignored` has none and is not (ignore_routes_with_linkdown, which the kernel
   * lists as both
   * dead and linkdown, as it does routes of an interface that is switched off).
   */
  readonly state: 'alive' | 'linkdown' | 'ignored' | 'dead';
};

export type Route = {
  readonly prefix: Prefix;
  readonly type: RouteType;
  readonly table: string;
  /** For packets of a TOS other than 0 only. */
  readonly tos: boolean;
  readonly metric: number;
  /** Empty where the type needs none. */
  readonly legs: readonly Leg[];
  /** MTU that the route itself has. */
  readonly mtu: number | null;
  readonly protocol: string;
  readonly preferredSource: Address | null;
  /** Router preference of IPv6: low 1, medium 2, high 3. */
  readonly preference: number;
  readonly realm: boolean;
  /** It goes away by itself unless it is announced again (IPv6). */
  readonly expires: boolean;
  /** What it holds that is not modelled; null where there is nothing. */
  readonly problem: string | null;
  /** As `ip route show table all` prints it. */
  readonly text: string;
};

const knownKeys = new Set(
  `type dst from src tos nhid gateway via dev table protocol scope prefsrc metric flags nexthops weight flow metrics expires pref error
   users used age cache`.split(/\s+/),
);
const knownLegKeys = new Set(['gateway', 'via', 'dev', 'weight', 'flags', 'flow']);
const knownFlags = new Set(['onlink', 'dead', 'linkdown', 'offload', 'trap', 'rt_offload', 'rt_trap', 'offload_failed']);

/** The kernel's own "no route", which some versions list. */
const nullMetric = 0xffff_ffff;

/** readRoutes reads the routes of one family, in the kernel's order: of IPv4 from the section `route`, of IPv6 from `route6`. */
export function readRoutes(machine: ObservedMachine, family: Family): Known<readonly Route[]> {
  const read = readRecords(machine, family === 4 ? 'route' : 'route6', (record) =>
    isOfFamily(record, family) ? readRoute(record, family) : null,
  );
  return read.known
    ? { ...read, value: read.value.filter((route) => route !== null && route.metric !== nullMetric) as readonly Route[] }
    : read;
}

/** `ip route show table all` lists both families, and writes both defaults alike; only IPv6 has a router preference. */
function isOfFamily(record: JsonRecord, family: Family): boolean {
  const destination = textField(record, 'dst') ?? '';
  const six = destination.includes(':') || (destination === 'default' && field(record, 'pref') !== undefined);
  return six === (family === 6);
}

function readRoute(record: JsonRecord, family: Family): Route | undefined {
  const prefix = readDestination(textField(record, 'dst') ?? '', family);
  const type = routeTypes.find((one) => one === (textField(record, 'type') ?? 'unicast'));
  const hops = field(record, 'nexthops') === undefined ? [record] : recordsField(record, 'nexthops');
  const legs = hops.flatMap((hop) => readLeg(hop, family) ?? []);
  if (prefix === undefined) return undefined;
  const [metrics = {}] = recordsField(record, 'metrics');
  const problems = [
    ...strangeKeys(record, knownKeys),
    ...hops.flatMap((hop) => (hop === record ? [] : strangeKeys(hop, knownLegKeys))),
    ...hops.flatMap((hop) => textsField(hop, 'flags')).filter((flag) => !knownFlags.has(flag)),
    ...(field(record, 'from') === undefined ? [] : ['from']),
    ...(type === undefined ? [textField(record, 'type') ?? ''] : []),
    // A route by a next-hop object of which the kernel does not list the legs.
    ...((type === undefined || type === 'unicast') && legs.length === 0 ? ['no next hop is reported'] : []),
    ...(legs.length < hops.length && hops[0] !== record ? ['a next hop cannot be read'] : []),
  ];
  const tos = textField(record, 'tos');
  return {
    prefix,
    type: type ?? 'unicast',
    table: textField(record, 'table') ?? 'main',
    tos: tos !== undefined && Number(tos) !== 0,
    metric: countField(record, 'metric') ?? 0,
    legs,
    mtu: countField(metrics, 'mtu') ?? null,
    protocol: textField(record, 'protocol') ?? 'boot',
    preferredSource: tryParseAddress(textField(record, 'prefsrc') ?? '') ?? null,
    preference: { low: 1, medium: 2, high: 3 }[textField(record, 'pref') ?? ''] ?? 2,
    realm: hops.some((hop) => field(hop, 'flow') !== undefined) || field(record, 'flow') !== undefined,
    expires: field(record, 'expires') !== undefined,
    problem: problems.length === 0 ? null : problems.join(', '),
    text: routeText(record, prefix),
  };
}

function readDestination(text: string, family: Family): Prefix | undefined {
  if (text === 'default') return prefixOf(family === 4 ? address4(0) : address6(0n), 0);
  if (text.includes('/')) return tryParsePrefix(text);
  const address = tryParseAddress(text);
  return address === undefined ? undefined : hostPrefix(address);
}

function readLeg(hop: JsonRecord, family: Family): Leg | undefined {
  const device = textField(hop, 'dev');
  if (device === undefined) return undefined;
  const via = field(hop, 'via');
  const gatewayText = textField(hop, 'gateway') ?? (isRecord(via) ? textField(via, 'host') : undefined);
  const gateway = gatewayText === undefined ? null : tryParseAddress(gatewayText);
  if (gateway === undefined || (gateway !== null && gateway.family !== family && family === 6)) return undefined;
  const flags = textsField(hop, 'flags');
  return { interface: device, gateway, state: stateOf(new Set(flags)) };
}

function stateOf(flags: ReadonlySet<string>): Leg['state'] {
  if (flags.has('dead')) return flags.has('linkdown') ? 'ignored' : 'dead';
  return flags.has('linkdown') ? 'linkdown' : 'alive';
}

/** The order is iproute2's. */
function routeText(record: JsonRecord, prefix: Prefix): string {
  const named = (key: string, name = key) => wordsOf(record, key, name);
  const mtu = recordsField(record, 'metrics').flatMap((metrics) => countField(metrics, 'mtu') ?? []);
  return [
    ...(textField(record, 'type') === undefined ? [] : [textField(record, 'type') ?? '']),
    prefix.length === 0 ? 'default' : prefixWords(prefix),
    ...named('from'),
    ...named('tos'),
    ...named('nhid'),
    ...hopWords(record),
    ...named('table'),
    ...named('protocol', 'proto'),
    ...named('scope'),
    ...named('prefsrc', 'src'),
    ...named('metric'),
    ...textsField(record, 'flags'),
    ...mtu.flatMap((value) => ['mtu', String(value)]),
    ...recordsField(record, 'nexthops').flatMap((hop) => [
      'nexthop',
      ...hopWords(hop),
      ...wordsOf(hop, 'weight'),
      ...textsField(hop, 'flags'),
    ]),
  ].join(' ');
}

function hopWords(hop: JsonRecord): readonly string[] {
  const via = field(hop, 'via');
  const gateway = tryParseAddress(textField(hop, 'gateway') ?? (isRecord(via) ? (textField(via, 'host') ?? '') : ''));
  const device = textField(hop, 'dev');
  return [
    ...(gateway === undefined ? [] : ['via', ...(isRecord(via) ? ['inet6'] : []), formatAddress(gateway)]),
    ...(device === undefined ? [] : ['dev', device]),
  ];
}
