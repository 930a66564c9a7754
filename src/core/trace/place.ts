import type { ConnectorId, DeviceId, NetworkId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import type { Delivery } from './cloud/crossing.ts';
import type { NeighbourChange } from './neighbour-change.ts';
import type { Session } from './machine.ts';
import type { Packet } from './packet.ts';
import type { Hop, Step } from './result.ts';
import type { Direction, Ending } from './words.ts';

/** Place is where a packet can be. */
export type Place =
  | { readonly kind: 'device'; readonly id: DeviceId }
  | { readonly kind: 'gateway' }
  | { readonly kind: 'connector'; readonly id: ConnectorId }
  /** The router of a network's LAN, as its connectors see it; in a cloud, the cloud's. */
  | { readonly kind: 'router'; readonly network: NetworkId }
  /** What a cloud does between two network cards of a network: `delivery` was worked out where the packet was sent. */
  | { readonly kind: 'cloud'; readonly network: NetworkId; readonly delivery: Delivery }
  /** The segment of a site, where it is to blame itself: two machines have one address (`change` is what the connector saw). */
  | { readonly kind: 'lan'; readonly network: NetworkId; readonly address: AddressText; readonly change: NeighbourChange }
  | { readonly kind: 'server'; readonly network: NetworkId; readonly address: AddressText }
  | { readonly kind: 'internet'; readonly address: AddressText };

/** LanPlace is who can have an address on the LAN of a site. */
export type LanPlace = Extract<Place, { readonly kind: 'connector' | 'server' }>;

/** Entrance is the side on which a packet comes to a place; `made` there, it comes from nowhere. */
export type Entrance =
  | { readonly kind: 'made' }
  /** Out of the tunnel of an endpoint (at the gateway), or out of the one tunnel that a device or connector has. */
  | { readonly kind: 'tunnel'; readonly from: Place }
  /** From the segment of a site, handed over by this place. */
  | { readonly kind: 'lan'; readonly from: Place }
  | { readonly kind: 'internet' };

export type Arrival = { readonly packet: Packet; readonly entrance: Entrance };

/** Prelude are steps at a machine's network card, before the machine itself has the packet. */
export type Prelude = readonly Step[];

/** Passage is what happened at a place: the hop to show, and where the packet is next. */
export type Passage = { readonly hop: Hop; readonly next: Next };

export type Next =
  | { readonly kind: 'end'; readonly ending: Ending }
  | { readonly kind: 'to'; readonly place: Place; readonly arrival: Arrival; readonly prelude: Prelude };

/** Remembered is a machine's session, with the machine. */
export type Remembered = Session & { readonly place: Place };

/**
 * Course is what a walk carries from hop to hop: its direction, and what machines remember of the forward packet. The first two maps are by placeKey,
 * written on the way there and read on the way back; `before` is from where the packet came.
 */
export type Course = {
  readonly direction: Direction;
  readonly memory: Map<string, Remembered>;
  readonly before: Map<string, Place>;
  /** What the filters of each network's cloud remember. */
  readonly clouds: Map<NetworkId, ReadonlyMap<string, Session>>;
};

/** placeKey tells places apart, in memory and for loops. */
export function placeKey(place: Place): string {
  switch (place.kind) {
    case 'gateway':
      return 'gateway';
    case 'router':
    case 'cloud':
    case 'lan':
      return `${place.kind} ${place.network}`;
    case 'server':
      return `server ${place.network} ${place.address}`;
    case 'internet':
      return `internet ${place.address}`;
    case 'device':
    case 'connector':
      return `${place.kind} ${place.id}`;
  }
}

export function to(place: Place, packet: Packet, entrance: Entrance, prelude: Prelude = []): Next {
  return { kind: 'to', place, arrival: { packet, entrance }, prelude };
}

export function end(ending: Ending): Next {
  return { kind: 'end', ending };
}
