import { address4 } from '../../ip/address.ts';
import type { Arrival } from './decide-input.ts';
import type { Drop, Forward, InputDecision, Local } from './decision.ts';
import { drop, foundRoute, refusedBy, waysOf } from './found-route.ts';
import { undecided } from './known.ts';
import type { LinuxHost, SysctlFact } from './linux-host.ts';
import { confOf, eitherConf } from './linux-host.ts';
import type { Lookup } from './route-lookup.ts';
import { lookupRoute } from './route-lookup.ts';
import type { RouteQuery } from './route-query.ts';
import { queryFor } from './route-query.ts';
import { isNobody, isNobodysNet } from './special-addresses.ts';
import type { Validated } from './source-check.ts';
import { sharesSubnet, validateSource4 } from './source-check.ts';

const nobody = address4(0);

/** decideInput4 is ip_route_input_slow. */
export function decideInput4(host: LinuxHost, { packet, iif, mark }: Arrival): InputDecision {
  const query = queryFor(packet, { iif, oif: null, mark, user: 0 });
  const source = Number(packet.source.value);
  const destination = Number(packet.destination.value);
  if (isMulticast(destination)) return undecided('multicast is not modelled');
  if (isMulticast(source) || source === 0xffff_ffff) return drop('martian-source');
  if (destination === 0xffff_ffff || (isNobody(packet.source) && isNobody(packet.destination)))
    return acceptBroadcast(host, query, null);
  if (isNobodysNet(host, packet.source)) return drop('martian-source');
  if (isNobodysNet(host, packet.destination)) return drop('martian-destination');
  if (isLoopback(destination) && !eitherConf(host, iif, 'route_localnet')) {
    return drop('martian-destination', { sysctl: confOf(host, 4, iif, 'route_localnet') });
  }
  if (!isLoopback(destination) && isLoopback(source) && !eitherConf(host, iif, 'route_localnet')) {
    return drop('martian-source', { sysctl: confOf(host, 4, iif, 'route_localnet') });
  }

  const found = lookupRoute(host, query);
  const local = found.kind === 'found' && (found.route.type === 'local' || found.route.type === 'broadcast');
  const closed = local ? undefined : notForwarding(host, iif);
  if (closed !== undefined) return closed;
  if (found.kind === 'none') return drop('no-route');
  if (found.kind === 'refused') return refusedBy(host, 4, found);
  switch (found.route.type) {
    case 'broadcast':
      if (forwardsBroadcasts(host, iif)) return undecided('forwarded broadcasts are not modelled');
      return acceptBroadcast(host, query, found);
    case 'local': {
      const validated = validateSource4(host, { arrived: query, oif: null });
      return validated.kind === 'drop' ? validated : delivered('unicast', foundRoute(host, found), validated);
    }
    case 'unicast':
      return forward(host, query, found);
    case 'anycast':
    case 'multicast':
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
    case 'throw':
      return drop('martian-destination', { quote: foundRoute(host, found).route });
  }
}

/**
 * notForwarding gives the drop where the interface does not forward: the machine's switch sets all interfaces, but each counts by
 * itself.
 */
function notForwarding(host: LinuxHost, iif: string): Drop | undefined {
  const own = confOf(host, 4, iif, 'forwarding');
  if (own.value !== 0) return undefined;
  const all = ipForward(host);
  return all.value === 0 ? drop('forwarding-off', { sysctl: all }) : drop('interface-forwarding-off', { sysctl: own });
}

function ipForward(host: LinuxHost): SysctlFact {
  return { ...confOf(host, 4, 'all', 'forwarding'), path: 'net/ipv4/ip_forward' };
}

function forwardsBroadcasts(host: LinuxHost, iif: string): boolean {
  return confOf(host, 4, 'all', 'bc_forwarding').value !== 0 && confOf(host, 4, iif, 'bc_forwarding').value !== 0;
}

function acceptBroadcast(host: LinuxHost, query: RouteQuery, found: Extract<Lookup, { kind: 'found' }> | null): Drop | Local {
  const route = found === null ? null : foundRoute(host, found);
  if (isNobodysNet(host, query.source)) return delivered('broadcast', route, null);
  const validated = validateSource4(host, { arrived: { ...query, destination: nobody }, oif: null });
  return validated.kind === 'drop' ? validated : delivered('broadcast', route, validated);
}

function delivered(
  cast: Local['cast'],
  route: Local['route'],
  validated: Extract<Validated, { readonly kind: 'valid' }> | null,
): Local {
  return { kind: 'local', cast, route, source: validated?.check ?? null };
}

function forward(host: LinuxHost, query: RouteQuery, found: Extract<Lookup, { kind: 'found' }>): Drop | Forward {
  const ways = waysOf(found.choice, query.destination);
  const route = foundRoute(host, found);
  const forwarding = confOf(host, 4, query.iif, 'forwarding');
  const decisions = ways.map((way): Drop | Forward => {
    const validated = validateSource4(host, { arrived: query, oif: way.interface });
    if (validated.kind === 'drop') return validated;
    const possible = validated.directlyConnected === 'no' ? 'not-sent' : redirectBy(host, query, way);
    const redirect = possible === 'sent' && validated.directlyConnected === 'unknown' ? 'unknown' : possible;
    return { kind: 'forward', route, ways, source: validated.check, forwarding, redirect };
  });
  const [first] = decisions;
  if (first === undefined || decisions.some(({ kind }) => kind !== first.kind)) {
    return undecided(`whether the source is accepted depends on which next hop of "${route.route.text}" the packet takes`);
  }
  const same = decisions.every((one) => one.kind === 'drop' || (first.kind === 'forward' && one.redirect === first.redirect));
  return first.kind === 'drop' || same ? first : { ...first, redirect: 'unknown' };
}

/** The sender could reach the next hop by itself: it is on the segment on which the packet came (__mkroute_input). */
function redirectBy(host: LinuxHost, { iif, source }: RouteQuery, way: Forward['ways'][0]): Forward['redirect'] {
  if (way.interface !== iif || !eitherConf(host, iif, 'send_redirects')) return 'not-sent';
  // Whatever the gateway of another family is, the kernel counts it as none.
  const target = way.gateway?.family === 4 ? way.gateway : null;
  if (source.family === 4 && sharesSubnet(host, iif, source, target ?? source)) return 'sent';
  const values = host.sysctls.known ? host.sysctls.value.values : new Map<string, number>();
  const shared = ['all', iif].map((name) => values.get(`net/ipv4/conf/${name}/shared_media`));
  if (shared.some((value) => value !== undefined && value !== 0)) return 'sent';
  return shared.includes(undefined) ? 'unknown' : 'not-sent';
}

function isMulticast(value: number): boolean {
  return value >>> 28 === 14;
}

function isLoopback(value: number): boolean {
  return value >>> 24 === 127;
}
