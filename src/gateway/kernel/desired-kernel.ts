import type { Owners } from '../../core/failover/pool.ts';
import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import type { EndpointId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { Prefix, PrefixText } from '../../core/ip/prefix.ts';
import { comparePrefix, contains, formatPrefix, strictPrefix } from '../../core/ip/prefix.ts';
import type { LaneId } from '../../core/lanes.ts';
import { laneDevice } from '../../core/lanes.ts';
import { everything } from '../decision.ts';
import type { Session, SessionKey } from '../session.ts';
import type { NftChain } from './nft-table.ts';
import { nftChains } from './nft-table.ts';
import type { KernelOwnership } from './ownership.ts';

/** AttachedKey is an element of the sets `hosts` and `sites`: a source that is believed on a tun, `DEVICE PREFIX`. */
export type AttachedKey = `${string} ${PrefixText}`;

/** RuleText is an `ip rule` selector in one spelling: `from X`, `to X` or `fwmark M/M`. */
export type RuleText = string;

/** DesiredKernel is all that the gateway wants of the kernel: one immutable value, from configuration and sessions. */
export type DesiredKernel = {
  readonly own: KernelOwnership;
  readonly gateway: AddressText;
  /** Tuns of the lanes. */
  readonly devices: ReadonlySet<string>;
  /** Tuns of lanes that are not wanted any more but still run: they are deleted after that. */
  readonly kept: ReadonlySet<string>;
  readonly rules: ReadonlySet<RuleText>;
  /** Destination to tun. What has no route here is answered with `unreachable`. */
  readonly routes: ReadonlyMap<PrefixText, string>;
  /** Elements of the sets of nft-table.ts: tuns where anybody is attached, single addresses, and prefixes (disjoint on each tun). */
  readonly open: ReadonlySet<string>;
  readonly hosts: ReadonlySet<AttachedKey>;
  readonly sites: ReadonlySet<AttachedKey>;
  readonly chains: readonly NftChain[];
  /**
   * Tuns whose daemon runs but has not told yet who is connected (the agent was restarted): what is there for them stays, as far as
   * `legitimate` has the prefix.
   */
  readonly undecided: ReadonlySet<string>;
  readonly legitimate: ReadonlySet<PrefixText>;
  /** Sessions whose packets pass once the kernel is as desired. */
  readonly sessions: readonly SessionKey[];
};

export type KernelInputs = {
  readonly own: KernelOwnership;
  readonly configuration: GatewayConfiguration;
  readonly sessions: readonly Session[];
  /** Lanes whose daemon runs, wanted or not. */
  readonly running: ReadonlySet<LaneId>;
  readonly undecided: ReadonlySet<LaneId>;
  /** Who has the routes of each pool. One that is attached takes the place of owners that are not. */
  readonly owners: Owners;
  /** Connectors that are not unhealthy, of pools with several candidates: flows that began there stay there. */
  readonly alive: ReadonlySet<EndpointId>;
};

/** desiredKernel is pure: equal inputs give equal results, in any order of the sessions. */
export function desiredKernel({ own, configuration, sessions, running, undecided }: KernelInputs): DesiredKernel {
  const device = (lane: LaneId) => laneDevice(own.installation, lane);
  const wanted = new Set(laneIds(configuration).map(device));
  const welcome = sessions.filter((session) => isWelcome(configuration, session));
  const sites = sitePrefixes(configuration);
  return {
    own,
    gateway: configuration.gateway.address,
    devices: wanted,
    kept: new Set([...running].map(device).filter((name) => !wanted.has(name))),
    rules: new Set(ruleTexts(own, configuration)),
    routes: routes(configuration, welcome, device),
    open: new Set(welcome.map(({ lane }) => device(lane))),
    ...sources(welcome, sites, device),
    chains: nftChains(own, configuration.gateway.address),
    undecided: new Set([...undecided].map(device)),
    legitimate: undecided.size === 0 ? new Set() : legitimatePrefixes(configuration),
    sessions: welcome.map(({ key }) => key),
  };
}

export function laneIds(configuration: GatewayConfiguration): LaneId[] {
  return Object.keys(configuration.lanes) as LaneId[];
}

/** isWelcome repeats the admission at every pass, so that a session that should have been cut never gets a route back. */
function isWelcome(configuration: GatewayConfiguration, session: Session): boolean {
  const endpoint = configuration.endpoints[session.endpoint];
  return (
    endpoint !== undefined &&
    endpoint.admission === 'admitted' &&
    endpoint.address === session.address &&
    configuration.certificates[session.serial] === session.endpoint &&
    configuration.lanes[session.lane] !== undefined
  );
}

function ruleTexts(own: KernelOwnership, { gateway }: GatewayConfiguration): RuleText[] {
  return [
    `fwmark 0x${own.mark.toString(16)}/0xfff00000`,
    ...gateway.tunnelRanges.filter((range) => !range.includes(':')).map((range) => `to ${range}`),
    `from ${gateway.address}`,
  ];
}

/** A lane that is shared carries only what its daemon knows the owner of; a connector's own lane carries all. */
function carries(session: Session, prefix: PrefixText): boolean {
  return session.owns.includes(everything) || session.owns.includes(prefix);
}

function routes(
  configuration: GatewayConfiguration,
  sessions: readonly Session[],
  device: (lane: LaneId) => string,
): Map<PrefixText, string> {
  const holders = new Map<EndpointId, Session>();
  for (const session of sessions) {
    const holder = holders.get(session.endpoint);
    if (session.state !== 'superseded' && (holder === undefined || holdsBefore(session, holder)))
      holders.set(session.endpoint, session);
  }
  const result = new Map<PrefixText, string>();
  for (const session of holders.values()) result.set(hostText(session.address), device(session.lane));
  for (const [text, { network }] of Object.entries(configuration.prefixes)) {
    const prefix = text as PrefixText;
    if (prefix.includes(':')) continue;
    const holder = (configuration.networks[network]?.connectors ?? [])
      .map((endpoint) => holders.get(endpoint))
      .find((session) => session !== undefined && carries(session, prefix));
    if (holder !== undefined) result.set(prefix, device(holder.lane));
  }
  return result;
}

/** Routes follow a new session only when its tunnel is up (make before break), and are there before, if there is no other. */
function holdsBefore(a: Session, b: Session): boolean {
  if (a.state !== b.state) return a.state === 'established';
  return a.order > b.order;
}

type Sites = ReadonlyMap<EndpointId, readonly PrefixText[]>;

/** Configurations are immutable; what follows from one alone is worked out once, not at each pass over 10,000 prefixes. */
const rememberedSites = new WeakMap<GatewayConfiguration, Sites>();

function sitePrefixes(configuration: GatewayConfiguration): Sites {
  const remembered = rememberedSites.get(configuration);
  if (remembered !== undefined) return remembered;
  const sites = new Map<EndpointId, PrefixText[]>();
  for (const [text, { network }] of Object.entries(configuration.prefixes)) {
    const prefix = text as PrefixText;
    if (prefix.includes(':')) continue;
    for (const endpoint of configuration.networks[network]?.connectors ?? []) {
      const list = sites.get(endpoint);
      if (list === undefined) sites.set(endpoint, [prefix]);
      else list.push(prefix);
    }
  }
  rememberedSites.set(configuration, sites);
  return sites;
}

function sources(
  sessions: readonly Session[],
  sites: Sites,
  device: (lane: LaneId) => string,
): Pick<DesiredKernel, 'hosts' | 'sites'> {
  const hosts = new Set<AttachedKey>();
  const prefixes = new Map<string, PrefixText[]>();
  for (const session of sessions) {
    const name = device(session.lane);
    hosts.add(`${name} ${hostText(session.address)}`);
    const list = prefixes.get(name) ?? [];
    for (const prefix of sites.get(session.endpoint) ?? []) {
      if (!carries(session, prefix)) continue;
      if (prefix.endsWith('/32')) hosts.add(`${name} ${prefix}`);
      else list.push(prefix);
    }
    prefixes.set(name, list);
  }
  return {
    hosts,
    sites: new Set([...prefixes].flatMap(([name, list]) => disjoint(list).map((prefix): AttachedKey => `${name} ${prefix}`))),
  };
}

/** nft refuses elements that overlap (openvpn.md 12.6). Neighbours are not merged: one that leaves would split them again. */
function disjoint(texts: readonly PrefixText[]): PrefixText[] {
  const kept: Prefix[] = [];
  for (const prefix of texts.map((text) => strictPrefix(text)).sort(comparePrefix)) {
    const before = kept.at(-1);
    if (before === undefined || !contains(before, prefix)) kept.push(prefix);
  }
  return kept.map((prefix) => formatPrefix(prefix));
}

function legitimatePrefixes(configuration: GatewayConfiguration): Set<PrefixText> {
  const admitted = Object.values(configuration.endpoints).filter(({ admission }) => admission === 'admitted');
  return new Set([...admitted.map(({ address }) => hostText(address)), ...(Object.keys(configuration.prefixes) as PrefixText[])]);
}

function hostText(address: AddressText): PrefixText {
  return `${address}/32` as PrefixText;
}
