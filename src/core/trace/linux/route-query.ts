import type { Address } from '../../ip/address.ts';
import type { Packet } from '../packet.ts';

/** Interface of what the machine itself sends: the first one of every namespace. */
export const loopback = 'lo';

/** RouteQuery is what the kernel's flow key holds for a look-up. */
export type RouteQuery = {
  readonly destination: Address;
  readonly source: Address;
  /** Where the packet came in; `loopback` for the machine's own. */
  readonly iif: string;
  readonly oif: string | null;
  readonly mark: number;
  /** Whose socket it is; null where that is not known. */
  readonly user: number | null;
  /** As rules name it. */
  readonly protocol: string;
  /** `none` where the kernel sees none (ICMP that arrives); `not known` where it takes other fields for them (ICMP of its own). */
  readonly ports: { readonly source: number; readonly destination: number } | 'none' | 'not known';
  /** Routes by interfaces without carrier are taken whatever the settings say. */
  readonly ignoreCarrier: boolean;
};

/**
 * queryFor is the look-up that a packet causes; ICMP that arrives has no ports for rules, and what the machine sends has its type in
 * their place.
 */
export function queryFor(packet: Packet, rest: Pick<RouteQuery, 'iif' | 'oif' | 'mark' | 'user'>): RouteQuery {
  const { source, destination, protocol, sourcePort, destinationPort } = packet;
  const icmp = protocol === 'icmp';
  return {
    ...rest,
    destination,
    source,
    protocol: icmp && destination.family === 6 ? 'ipv6-icmp' : protocol,
    ports: !icmp ? { source: sourcePort, destination: destinationPort } : rest.iif === loopback ? 'not known' : 'none',
    ignoreCarrier: false,
  };
}
