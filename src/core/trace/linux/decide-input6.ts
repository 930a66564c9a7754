import type { Arrival } from './decide-input.ts';
import type { Drop, Forward, InputDecision, SourceCheck } from './decision.ts';
import { drop, foundRoute, refusedBy, waysOf } from './found-route.ts';
import { needed, undecided } from './known.ts';
import type { LinuxHost, SysctlFact } from './linux-host.ts';
import { confOf } from './linux-host.ts';
import { lookupRoute } from './route-lookup.ts';
import { queryFor } from './route-query.ts';

/** IPv6 has no rp_filter. */
const unchecked: SourceCheck = { filter: null, reverse: null, leavesElsewhere: false };

/**
 * decideInput6 is ip6_rcv_core, ip6_route_input and the first half of ip6_forward. `conf/all/forwarding` is the switch; the
 * interfaces' own says only whether they
 * behave as a router's. Own addresses are no martians here.
 */
export function decideInput6(host: LinuxHost, { packet, iif, mark }: Arrival): InputDecision {
  const off = switchedOff(host, iif);
  if (off !== undefined) return drop('family-off', { sysctl: off });
  const source = BigInt(packet.source.value);
  const destination = BigInt(packet.destination.value);
  const loops = needed(host.interfaces).get(iif)?.loopback ?? false;
  if (isMulticast(destination)) return undecided('multicast is not modelled');
  if (isMulticast(source) || (source === 1n && !loops)) return drop('martian-source');
  if (destination === 1n && !loops) return drop('martian-destination');
  const found = lookupRoute(host, queryFor(packet, { iif, oif: null, mark, user: 0 }));
  if (found.kind === 'found' && (found.route.type === 'local' || found.route.type === 'anycast')) {
    return { kind: 'local', cast: 'unicast', route: foundRoute(host, found), source: unchecked };
  }
  const forwarding = forwardingOf(host, iif);
  if (forwarding.value === 0) return drop('forwarding-off', { sysctl: forwarding });
  if (found.kind === 'none') return drop('no-route');
  if (found.kind === 'refused') return refusedBy(host, 6, found);
  if (found.route.type !== 'unicast') return undecided(`the route "${found.route.text}" is of a type that is not modelled`);
  const forbidden = scopeProblem(source);
  if (forbidden !== undefined) return forbidden;
  const ways = waysOf(found.choice, packet.destination);
  const redirect = redirectOf(ways, iif);
  return { kind: 'forward', route: foundRoute(host, found), ways, source: unchecked, forwarding, redirect };
}

/** An interface on which IPv6 is switched off loses its addresses, so one that has some needs no report of the setting. */
function switchedOff(host: LinuxHost, iif: string): SysctlFact | undefined {
  const addresses = needed(host.interfaces).get(iif)?.addresses ?? [];
  if (addresses.some(({ address }) => address.family === 6)) return undefined;
  const off = confOf(host, 6, iif, 'disable_ipv6');
  return off.value === 0 ? undefined : off;
}

/** Since 6.17 an interface may forward while the machine does not. */
function forwardingOf(host: LinuxHost, iif: string): SysctlFact {
  const all = confOf(host, 6, 'all', 'forwarding');
  if (all.value !== 0) return all;
  const [major, minor] = host.kernel ?? [0, 0];
  if (host.kernel !== null && (major < 6 || (major === 6 && minor < 17))) return all;
  const forced = confOf(host, 6, iif, 'force_forwarding');
  return forced.value === 0 ? all : forced;
}

function scopeProblem(source: bigint): Drop | undefined {
  const linkLocal = source >> 118n === 0x3fan;
  return source === 0n || source === 1n || linkLocal ? drop('martian-source') : undefined;
}

/** ndisc_send_redirect: the better next hop is a link-local address, or the destination itself on the segment. */
function redirectOf(ways: Forward['ways'], iif: string): Forward['redirect'] {
  const told = ways.map(
    ({ interface: device, gateway }) => device === iif && (gateway === null || BigInt(gateway.value) >> 118n === 0x3fan),
  );
  return told.every((one) => one) ? 'sent' : told.some((one) => one) ? 'unknown' : 'not-sent';
}

function isMulticast(value: bigint): boolean {
  return value >> 120n === 0xffn;
}
