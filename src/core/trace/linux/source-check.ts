import type { Address4 } from '../../ip/address.ts';
import { equalAddress, formatAddress } from '../../ip/address.ts';
import { containsAddress, prefixOf } from '../../ip/prefix.ts';
import type { Drop, SourceCheck } from './decision.ts';
import { drop, foundRoute } from './found-route.ts';
import type { InterfaceAddress } from './interfaces.ts';
import type { Quote } from './known.ts';
import { needed, undecided } from './known.ts';
import type { LinuxHost } from './linux-host.ts';
import { confOf, eitherConf } from './linux-host.ts';
import type { Lookup } from './route-lookup.ts';
import { hasCustomRules, lookupRoute } from './route-lookup.ts';
import type { RouteQuery } from './route-query.ts';
import { loopback } from './route-query.ts';

/**
 * SourceQuestion is the look-up of the packet that arrived, and the interface by which it will leave; null: it is for the machine
 * itself.
 */
export type SourceQuestion = { readonly arrived: RouteQuery; readonly oif: string | null };

type Connected = 'yes' | 'no' | 'unknown';

export type Validated = Drop | { readonly kind: 'valid'; readonly check: SourceCheck; readonly directlyConnected: Connected };

/**
 * validateSource4 is fib_validate_source: may a packet with this source come in by this interface? Strict rp_filter wants the way
 * back to leave by
 * it, loose wants any way; the stronger of all and the interface counts, 2 (loose) being the highest. An own address is refused
 * unless accept_local.
 */
export function validateSource4(host: LinuxHost, question: SourceQuestion): Validated {
  const { arrived, oif } = question;
  const { iif, source } = arrived;
  const filter = filterOf(host, iif);
  if (filter.sysctl.value !== 0 || needsReverse(host, iif, oif)) return fullCheck(host, question, filter);
  const accepted: Validated = {
    kind: 'valid',
    check: { filter, reverse: null, leavesElsewhere: false },
    directlyConnected: 'no',
  };
  if (eitherConf(host, iif, 'accept_local')) return accepted;
  if (hasCustomLocals(host)) return fullCheck(host, question, filter);
  const own = ownAddress(host, source);
  const quick = own === undefined ? accepted : ownSource(host, iif, own);
  // The kernel takes the full check for good once there has been a policy rule, also one that is gone.
  if (quick.kind !== fullCheck(host, question, filter).kind) {
    return undecided(`whether the source is accepted on ${iif} depends on policy rules that were there and are gone`);
  }
  return quick;
}

function filterOf(host: LinuxHost, iif: string): NonNullable<SourceCheck['filter']> {
  const all = confOf(host, 4, 'all', 'rp_filter');
  const own = confOf(host, 4, iif, 'rp_filter');
  const sysctl = own.value >= all.value ? own : all;
  return { mode: sysctl.value === 0 ? 'off' : sysctl.value === 1 ? 'strict' : 'loose', sysctl };
}

/** Without rp_filter the way back matters for realms and redirects only. */
function needsReverse(host: LinuxHost, iif: string, oif: string | null): boolean {
  return needed(host.routes[4]).hasRealms || (iif === oif && eitherConf(host, iif, 'send_redirects'));
}

/** Own addresses are then not all that the tables take for local. */
function hasCustomLocals(host: LinuxHost): boolean {
  return hasCustomRules(needed(host.rules[4])) || needed(host.routes[4]).hasCustomLocals;
}

/** ownAddress says where the machine has the address, in `ip addr`'s words. */
export function ownAddress(host: LinuxHost, address: RouteQuery['source']): Quote | undefined {
  const interfaces = needed(host.interfaces);
  for (const [name, { addresses }] of interfaces) {
    const found = addresses.find((one) => equalAddress(one.address, address));
    if (found !== undefined && host.interfaces.known)
      return { text: addressText(found, name), observedAt: host.interfaces.observedAt };
  }
  return undefined;
}

function addressText({ address, length }: InterfaceAddress, name: string): string {
  return `${address.family === 4 ? 'inet' : 'inet6'} ${formatAddress(address)}/${String(length)} dev ${name}`;
}

function fullCheck(host: LinuxHost, { arrived, oif }: SourceQuestion, filter: NonNullable<SourceCheck['filter']>): Validated {
  const { iif } = arrived;
  const device = needed(host.interfaces).get(iif);
  const noAddress = device?.addresses.every(({ address }) => address.family !== 4) ?? true;
  const query = reverseQuery(host, arrived, oif);
  const back = lookupRoute(host, query);
  const check = { filter, reverse: null, leavesElsewhere: false };
  if (back.kind !== 'found') return lastResort(host, back, filter);
  const { type } = back.route;
  const reverse = foundRoute(host, back);
  if (type === 'local') {
    if (!eitherConf(host, iif, 'accept_local')) return ownSource(host, iif, ownAddress(host, arrived.source) ?? reverse.route);
  } else if (type !== 'unicast') return drop('martian-source', { quote: reverse.route });
  // Every leg counts here, also those that carry nothing now.
  const same = back.route.legs.some((leg) => leg.interface === iif) || (type === 'local' && iif === loopback);
  if (same) return { kind: 'valid', check: { ...check, reverse }, directlyConnected: isConnected(back) };
  if (noAddress) return lastResort(host, back, filter);
  if (filter.mode === 'strict') return drop('rp-filter', { sysctl: filter.sysctl, quote: reverse.route });
  return {
    kind: 'valid',
    check: { filter, reverse, leavesElsewhere: true },
    directlyConnected: oif === iif ? isConnected(lookupRoute(host, { ...query, oif: iif, ignoreCarrier: true })) : 'no',
  };
}

function reverseQuery(host: LinuxHost, arrived: RouteQuery, oif: string | null): RouteQuery {
  const { ports, mark, iif } = arrived;
  return {
    ...arrived,
    destination: arrived.source,
    source: arrived.destination,
    iif: oif ?? loopback,
    oif: null,
    mark: mark === 0 || !asksForMarks(host) ? 0 : eitherConf(host, iif, 'src_valid_mark') ? mark : 0,
    ports: typeof ports === 'string' ? ports : { source: ports.destination, destination: ports.source },
  };
}

function asksForMarks(host: LinuxHost): boolean {
  return needed(host.rules[4]).some((rule) => rule.mark !== null);
}

/** No way back was found, or the interface has no address by which to judge one. */
function lastResort(host: LinuxHost, back: Lookup, filter: NonNullable<SourceCheck['filter']>): Validated {
  if (filter.mode === 'off') {
    return { kind: 'valid', check: { filter, reverse: null, leavesElsewhere: false }, directlyConnected: 'no' };
  }
  if (back.kind === 'found') return drop('rp-filter', { sysctl: filter.sysctl, quote: foundRoute(host, back).route });
  return drop('rp-filter-no-route', { sysctl: filter.sysctl });
}

function ownSource(host: LinuxHost, iif: string, quote: Quote): Drop {
  return drop('own-source', { quote, sysctl: confOf(host, 4, iif, 'accept_local') });
}

/** The source is on the segment itself, not behind a router (a scope of host or narrower in the kernel's words). */
function isConnected(back: Lookup): Connected {
  if (back.kind !== 'found') return 'no';
  const direct = back.choice.map(({ leg }) => leg.gateway === null);
  return direct.every((one) => one) ? 'yes' : direct.some((one) => one) ? 'unknown' : 'no';
}

/** sharesSubnet tells whether both addresses lie in one subnet of the interface (inet_addr_onlink). */
export function sharesSubnet(host: LinuxHost, device: string, a: Address4, b: Address4): boolean {
  const addresses = needed(host.interfaces).get(device)?.addresses ?? [];
  return addresses.some(({ address, peer, length, secondary }) => {
    if (address.family !== 4 || secondary) return false;
    const subnet = prefixOf(peer ?? address, length);
    return containsAddress(subnet, a) && containsAddress(subnet, b);
  });
}
