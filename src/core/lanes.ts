import type { ConnectorId } from './ids.ts';

/**
 * LaneId names one openvpn daemon of a gateway: `u0`.. for people over UDP, `t0` shared over TCP, `c0`.. for one connector each, `h0` for
 * a connector that is on its way from one tunnel to another.
 * The tun is called `cwN-LANE` where N is the installation's number (15 characters at most, IFNAMSIZ).
 */
export type LaneId = `u${number}` | `t${number}` | `c${number}` | `h${number}`;

export type Lane =
  | { readonly kind: 'user'; readonly protocol: 'udp'; readonly port: number }
  | { readonly kind: 'shared'; readonly protocol: 'tcp'; readonly port: number }
  | { readonly kind: 'connector'; readonly protocol: 'udp'; readonly port: number; readonly owner: ConnectorId }
  /** Kept free: one connector at a time has it for the moment of a hand-over, and owns 0/0 there as on a lane of its own. */
  | { readonly kind: 'handover'; readonly protocol: 'udp'; readonly port: number };

/** LaneAssignment says which connector lane (its number) each connector owns. Kept in the database: it must stay what it was. */
export type LaneAssignment = Readonly<Record<ConnectorId, number>>;

/**
 * Ports are a function of the lane's name alone, so that a profile stays right when lanes come and go: people from vpn-port upwards,
 * connectors behind room for 16. Of those the last is for hand-overs: more user lanes would need more cores than one gateway is meant for.
 */
export const maximumUserLanes = 15;

/** The lanes before the connectors' own: those of people and the one for hand-overs. */
const frontLanes = maximumUserLanes + 1;

/** A hand-over takes a few seconds, and whoever finds the lane taken tries again. */
export const handoverLane: LaneId = 'h0';

/** A TCP lane is there for whoever has no UDP: one is enough until measurements say otherwise (it is one thread). */
export const sharedLane: LaneId = 't0';

/** lanePort is the UDP or TCP port that the lane listens on, given the installation's vpn-port. */
export function lanePort(lane: LaneId, vpnPort: number): number {
  const number = laneNumber(lane);
  switch (laneKind(lane)) {
    case 'user':
      return vpnPort + number;
    case 'shared':
      return vpnPort + number;
    case 'handover':
      return vpnPort + maximumUserLanes + number;
    case 'connector':
      return vpnPort + frontLanes + number;
  }
}

export function laneKind(lane: LaneId): Lane['kind'] {
  if (lane.startsWith('u')) return 'user';
  if (lane.startsWith('h')) return 'handover';
  return lane.startsWith('t') ? 'shared' : 'connector';
}

export function laneNumber(lane: LaneId): number {
  return Number(lane.slice(1));
}

/** laneDevice is the tun's name: unique on the machine by the installation's number. */
export function laneDevice(installation: number, lane: LaneId): string {
  return `cw${installation}-${lane}`;
}

/**
 * assignLanes gives every connector a lane of its own while there are lanes left, lowest number first in the order given.
 * A connector keeps the lane it has; lanes of connectors that are gone are free again; one that found no lane is absent from the
 * result and shares the TCP lane until one is free. Assigning again what was just assigned changes nothing.
 */
export function assignLanes(
  previous: LaneAssignment,
  connectors: readonly { readonly id: ConnectorId }[],
  limit: number,
): LaneAssignment {
  const assignment: Record<ConnectorId, number> = {};
  const taken = new Set<number>();
  for (const { id } of connectors) {
    const lane = previous[id];
    if (lane === undefined || lane >= limit || taken.has(lane)) continue;
    assignment[id] = lane;
    taken.add(lane);
  }
  let next = 0;
  for (const { id } of connectors) {
    if (assignment[id] !== undefined) continue;
    while (taken.has(next)) next += 1;
    if (next >= limit) break;
    assignment[id] = next;
    taken.add(next);
  }
  return assignment;
}

/** ownLane is the lane that a connector has for itself at a gateway with so many of them; null: it shares the TCP lane. */
export function ownLane(assignment: LaneAssignment, connector: ConnectorId, connectorLanes: number): LaneId | null {
  const number = assignment[connector];
  return number === undefined || number >= connectorLanes ? null : `c${number}`;
}

/** leastUsedUserLane is the user lane that a new device's profile names first: the one with the fewest devices, lowest first. */
export function leastUsedUserLane(devicesPerLane: readonly number[]): number {
  let least = 0;
  devicesPerLane.forEach((count, lane) => {
    if (count < (devicesPerLane[least] ?? Number.POSITIVE_INFINITY)) least = lane;
  });
  return least;
}
