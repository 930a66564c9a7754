import type { Packet } from '../packet.ts';
import type { Way } from './decision.ts';
import type { Quote, Unknown } from './known.ts';
import { needed, orUnknown, undecided } from './known.ts';
import type { LinuxHost } from './linux-host.ts';
import { neighbourKey } from './neighbours.ts';

/** MtuDecision: `fragmented` is IPv4 without DF; `too-big` is answered with ICMP "fragmentation needed", ICMPv6 "packet too big". */
export type MtuDecision =
  | { readonly kind: 'fits' | 'fragmented' | 'too-big'; readonly mtu: number; readonly quote: Quote }
  | Unknown;

/** NeighbourDecision: `not-asked` has no entry yet, the packet itself makes the machine ask; `not-needed` by tunnels and loopback. */
export type NeighbourDecision =
  | { readonly kind: 'answers' | 'no-answer'; readonly quote: Quote }
  | { readonly kind: 'not-asked' | 'not-needed' }
  | Unknown;

/** ttlExpires is true for a packet that may not be forwarded once more. */
export function ttlExpires({ ttl }: Packet): boolean {
  return ttl <= 1;
}

/**
 * decideMtu compares the packet with the route's MTU, which counts alone where there is one, or the interface's
 * (ip_dst_mtu_maybe_forward).
 */
export function decideMtu(host: LinuxHost, packet: Packet, way: Way): MtuDecision {
  return orUnknown(() => {
    const six = packet.destination.family === 6;
    const { mtu, quote } = mtuOf(host, way, six);
    if (packet.bytes <= mtu) return { kind: 'fits', mtu, quote };
    return { kind: six || packet.dontFragment ? 'too-big' : 'fragmented', mtu, quote };
  });
}

function mtuOf(host: LinuxHost, way: Way, six: boolean): { readonly mtu: number; readonly quote: Quote } {
  const interfaces = needed(host.interfaces);
  const observedAt = host.interfaces.known ? host.interfaces.observedAt : '';
  if (way.mtu !== null && way.mtu !== 0) {
    return { mtu: way.mtu, quote: { text: `route by ${way.interface} mtu ${String(way.mtu)}`, observedAt } };
  }
  const device = interfaces.get(way.interface);
  if (device === undefined) return undecided(`the MTU of ${way.interface} was not reported`);
  // Routers may announce a smaller one for IPv6; never a larger.
  const announced = six && host.sysctls.known ? host.sysctls.value.values.get(`net/ipv6/conf/${way.interface}/mtu`) : undefined;
  const mtu = Math.min(device.mtu, announced ?? device.mtu);
  return { mtu, quote: { text: `${way.interface} mtu ${String(mtu)}`, observedAt } };
}

/** decideNeighbour says whether the next machine answers for its address on the segment. */
export function decideNeighbour(host: LinuxHost, way: Way): NeighbourDecision {
  return orUnknown(() => {
    const device = needed(host.interfaces).get(way.interface);
    if (device === undefined) return undecided(`the interface ${way.interface} was not reported`);
    if (!device.resolves) return { kind: 'not-needed' };
    const neighbour = needed(host.neighbours).get(neighbourKey(way.interface, way.nextHop));
    if (neighbour === undefined) return { kind: 'not-asked' };
    const observedAt = host.neighbours.known ? host.neighbours.observedAt : '';
    return { kind: neighbour.state, quote: { text: neighbour.text, observedAt } };
  });
}
