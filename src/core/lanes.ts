import type { ConnectorId } from './ids.ts';

/**
 * LaneId names one openvpn daemon of a gateway: `u0`.. for people over UDP, `t0` shared over TCP, `c0`.. for one connector each.
 * The tun is called `cwN-LANE` where N is the installation's number (15 characters at most, IFNAMSIZ).
 */
export type LaneId = `u${number}` | `t${number}` | `c${number}`;

export type Lane =
  | { readonly kind: 'user'; readonly protocol: 'udp'; readonly port: number }
  | { readonly kind: 'shared'; readonly protocol: 'tcp'; readonly port: number }
  | { readonly kind: 'connector'; readonly protocol: 'udp'; readonly port: number; readonly owner: ConnectorId };

/** LaneAssignment says which connector lane (its number) each connector owns. Kept in the database: it must stay what it was. */
export type LaneAssignment = Readonly<Record<ConnectorId, number>>;
