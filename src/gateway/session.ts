import type { EndpointId, Serial } from '../core/ids.ts';
import type { AddressText } from '../core/ip/address.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import type { LaneId } from '../core/lanes.ts';
import type { PushedOptions } from '../core/pushed-options.ts';

/** SessionKey is `LANE:DAEMON:CID`. CIDs begin again with each daemon, so the daemon's start is part of the name (openvpn.md 2.2). */
export type SessionKey = `${LaneId}:${string}:${number}`;

/**
 * Session is one client of one lane that the gateway has let in.
 *
 * States: `accepted` (client-auth was answered; its addresses are believed on its lane), `established` (the tunnel is up: it may take
 * over the routes), `superseded` (a newer established session of the same endpoint has the routes; it is ended after a while, and is
 * `established` again if the newer one ends before that).
 * Refused clients never become sessions. A session leaves the table at DISCONNECT, when its lane ends, or when it is cut.
 */
export type Session = {
  readonly key: SessionKey;
  readonly lane: LaneId;
  readonly daemon: string;
  readonly cid: number;
  readonly endpoint: EndpointId;
  readonly serial: Serial;
  /** The tunnel address that it was given; if the configuration gives another one now, it has to connect again. */
  readonly address: AddressText;
  readonly state: 'accepted' | 'established' | 'superseded';
  /** The newest session of an endpoint has the highest. */
  readonly order: number;
  /** Where its packets come from, without port. Follows a client that moves, a little late. */
  readonly clientAddress: string;
  /** Milliseconds since 1970, as are all times here. */
  readonly startedAt: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** When bytes last arrived from it: this, not the daemon's patience, tells whether it is alive. */
  readonly heardAt: number;
  /** Prefixes that its daemon sends to it (iroute). `0.0.0.0/0` on a connector's own lane: there the kernel's routes decide alone. */
  readonly owns: readonly PrefixText[];
  /** What it was told, or null where that is not known (the agent was restarted since). */
  readonly pushed: PushedOptions | null;
  readonly peer: PeerInfo;
  /** Found in a daemon that ran before the agent did: what it said of itself at its connect is not known. */
  readonly found?: true;
  /** Its person has proved who they are, as their group demanded. Not known, hence false, of those found in a running daemon. */
  readonly authenticated: boolean;
};

/** PeerInfo is what a client says about itself: inventory, never proof (openvpn.md 7.5). */
export type PeerInfo = {
  readonly version?: string;
  readonly platform?: string;
  /** Runs our connector agent, which is told routes by the controller and needs no restart for them. */
  readonly agent?: boolean;
  /** Its network card's address, or the UUID of its installation (openvpn.md 7.5), where it says so: tells machines with one profile apart. */
  readonly machine?: string;
  /** Takes changes of what it was pushed without connecting again (openvpn.md 3.1). */
  readonly pushUpdate?: boolean;
};

/**
 * isSameMachine tells whether two tunnels of one endpoint are of one machine: they come from one address, or both run our agent and say the
 * same network card (decision 69: a NAT with several addresses may give the second tunnel of a hand-over another one).
 */
export function isSameMachine(a: Whereabouts, b: Whereabouts): boolean {
  if (a.clientAddress === b.clientAddress) return true;
  const isAgents = a.peer.agent === true && b.peer.agent === true;
  return isAgents && a.peer.machine !== undefined && a.peer.machine === b.peer.machine;
}

type Whereabouts = Pick<Session, 'clientAddress' | 'peer'>;

export function sessionKey(lane: LaneId, daemon: string, cid: number): SessionKey {
  return `${lane}:${daemon}:${cid}`;
}
