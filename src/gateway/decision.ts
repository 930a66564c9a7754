import { isAsked } from '../core/connect-authentication.ts';
import type { MachineRefusal } from '../core/device-identity.ts';
import { machineRefusal } from '../core/device-identity.ts';
import type { Endpoint, GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { EndpointId, Serial } from '../core/ids.ts';
import type { AddressText } from '../core/ip/address.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { everything, formatPrefix, overlaps, strictPrefix } from '../core/ip/prefix.ts';
import type { Lane, LaneId } from '../core/lanes.ts';
import { acceptBody, rangeOf } from './accept-body.ts';
import type { AskingMeans } from './authentication/means.ts';
import type { PushedOptions } from '../core/pushed-options.ts';
import { nothingPushed, pushedTo } from '../core/pushed-options.ts';
import type { PeerInfo, Session, SessionKey } from './session.ts';
import { isSameMachine } from './session.ts';

export type ConnectRequest = {
  readonly lane: LaneId;
  /** Null if the certificate's serial is not one of ours. */
  readonly serial: Serial | null;
  readonly clientAddress: string;
  /** What it says of itself. One that runs our agent is told its routes by the controller. */
  readonly peer: PeerInfo;
  /** Asked only where the serial is not known: whether it may be too new for that (strangers.ts). */
  readonly mayBecomeKnown: (serial: Serial) => boolean;
  /** It was on the hand-over lane for too long and has to leave it to others (session-steward.ts). */
  readonly overstayed?: (endpoint: EndpointId) => boolean;
  /** How its person can be asked who they are. */
  readonly means: AskingMeans;
  /** They have just proved it, or it goes on with a connection that it lost (authentication/lost-connections.ts). */
  readonly isProved: (endpoint: EndpointId) => boolean;
};

/**
 * Why a client is refused. `in-use-elsewhere`: another machine with the same profile is connected and alive. `lane-of-another`: a
 * connector's own lane takes nobody else, because its owner may send with any source there and could speak for whoever shares it.
 * `machine-…`: the profile belongs to another machine, or the client does not say which one it runs on, or none is known to have it.
 * `handover-busy`: so it is on the hand-over lane, which takes one connector after the other, and none that did not move on in time. `authentication-…`: the
 * person has to be asked (docs/connect-authentication.md), and there is no way to ask, none now, or what came of it.
 */
export type RefusalReason =
  | 'no-configuration'
  | 'certificate-not-known-yet'
  | 'certificate-unknown'
  | 'endpoint-suspended'
  | 'address-outside'
  | 'lane-of-another'
  | 'handover-busy'
  | 'in-use-elsewhere'
  | MachineRefusal
  | 'authentication-impossible'
  | 'authentication-again'
  | 'authentication-unavailable'
  | 'authentication-wrong'
  | 'authentication-too-often'
  | 'authentication-second-factor'
  | 'authentication-without-factor'
  | 'authentication-refused'
  | 'authentication-expired';

export type Acceptance = {
  readonly kind: 'accept';
  readonly endpoint: EndpointId;
  readonly serial: Serial;
  readonly address: AddressText;
  readonly owns: readonly PrefixText[];
  readonly pushed: PushedOptions;
  readonly body: readonly string[];
  /** Older sessions of the same endpoint: they lose the routes when this one is established, and are ended then. */
  readonly supersedes: readonly SessionKey[];
  /** The person has proved who they are, and what follows this connection goes on from there. */
  readonly authenticated: boolean;
};

export type Refusal = {
  readonly kind: 'refuse';
  readonly reason: RefusalReason;
  readonly endpoint: EndpointId | null;
  /** What the client is told after `AUTH_FAILED,`. */
  readonly clientText: string;
};

/** Everything else speaks for it, but the person has to be asked first. */
export type Question = {
  readonly kind: 'ask';
  readonly endpoint: EndpointId;
  readonly serial: Serial;
  readonly means: Extract<AskingMeans, { readonly kind: 'page' | 'password' }>;
};

export type Decision = Acceptance | Refusal | Question;

/** What decide knows of the sessions: those of every lane, at this moment. */
export type SessionView = {
  ofEndpoint(endpoint: EndpointId): Iterable<Session>;
  onLane(lane: LaneId): Iterable<Session>;
};

/**
 * A client that gets the plain text gives up for good (2.x) or asks its user; one that gets TEMP keeps trying (openvpn.md 12.1). So the
 * plain text is for what will not change by waiting: a certificate that is not known any more, or has not become known for long.
 */
const clientTexts = {
  'no-configuration': 'TEMP[backoff 3]:the gateway has no configuration yet',
  'certificate-not-known-yet': 'TEMP[backoff 1]:this profile is not known here yet',
  'certificate-unknown': 'this profile is not valid any more',
  'address-outside': 'TEMP[backoff 3]:no tunnel range holds the address of this profile',
  'endpoint-suspended': 'TEMP[backoff 3]:suspended by the administrator',
  'lane-of-another': 'TEMP[backoff 1,advance remote]:this port belongs to another connector',
  'handover-busy': 'TEMP[backoff 2]:another connector is handing over',
  'in-use-elsewhere': 'TEMP[backoff 3]:this profile is in use on another machine',
  'machine-unnamed': 'this client does not say which machine it runs on, and your administrator demands it',
  'machine-other': 'this profile belongs to another machine: get one for this machine in the portal',
  'machine-none-known': 'your administrator has to say which machine this profile belongs to',
  'authentication-impossible': 'your group signs in at connect: get a new profile in the portal, it asks for the password',
  'authentication-again': 'TEMP[backoff 1]:connect again to sign in',
  'authentication-unavailable': 'TEMP[backoff 10]:nobody can sign in now, the controller does not answer',
  'authentication-wrong': 'user name, password or code is wrong',
  'authentication-too-often': 'TEMP[backoff 60]:too many failures, try again in some minutes',
  // Never said as it is: the challenge takes its place.
  'authentication-second-factor': 'a code is needed',
  'authentication-without-factor': 'a second factor is demanded of you: sign in to the portal and set one up, then connect again',
  'authentication-refused': 'this connection was refused in the portal',
  'authentication-expired': 'nobody signed in within five minutes',
} satisfies Record<RefusalReason, string>;

/**
 * decide answers a CONNECT from memory alone. Pure.
 *
 * Two machines with one profile: while the older session is alive (bytes from it within `aliveMs` before `now`), a client of another
 * machine is held off. Of the same machine, or when the older one is silent, the new one takes over: that is a reconnect, or a hand-over.
 */
export function decide(
  configuration: GatewayConfiguration | null,
  sessions: SessionView,
  request: ConnectRequest,
  now: number,
  aliveMs: number,
): Decision {
  if (configuration === null) return refuse('no-configuration', null);
  const endpointId = request.serial === null ? undefined : configuration.certificates[request.serial];
  const endpoint = endpointId === undefined ? undefined : configuration.endpoints[endpointId];
  if (request.serial === null) return refuse('certificate-unknown', null);
  if (endpointId === undefined || endpoint === undefined) {
    return refuse(request.mayBecomeKnown(request.serial) ? 'certificate-not-known-yet' : 'certificate-unknown', null);
  }
  if (endpoint.admission === 'suspended') return refuse('endpoint-suspended', endpointId);
  const lane = configuration.lanes[request.lane];
  if (lane === undefined || !takes(lane, endpointId)) return refuse('lane-of-another', endpointId);

  if (lane.kind === 'handover') {
    const taken = [...sessions.onLane(request.lane)].some((session) => session.endpoint !== endpointId);
    if (taken || request.overstayed?.(endpointId) === true) return refuse('handover-busy', endpointId);
  }

  const range = rangeOf(configuration.gateway, endpoint.address);
  if (range === undefined) return refuse('address-outside', endpointId);

  const misfit = endpoint.kind === 'device' ? machineRefusal(endpoint.machine, request.peer.machine) : null;
  if (misfit !== null) return refuse(misfit, endpointId);

  const older = [...sessions.ofEndpoint(endpointId)].filter((session) => session.state !== 'superseded');
  const rival = older.find((session) => !isSameMachine(session, request) && now - session.heardAt < aliveMs);
  if (rival !== undefined) return refuse('in-use-elsewhere', endpointId);

  const continues =
    request.isProved(endpointId) || older.some((session) => session.authenticated && isSameMachine(session, request));
  if (endpoint.kind === 'device' && isAsked(endpoint.authentication, continues, now)) {
    return ask(endpointId, request.serial, request.means);
  }

  const owns = hasOneOwner(lane) ? [everything] : sharedOwnership(configuration, endpointId, sessions.onLane(request.lane));
  // An agent that was pushed other routes at its second connect would lose its tun: openvpn closes and opens it, without the right to.
  const pushed = request.peer.agent === true ? nothingPushed : pushedTo(configuration, endpoint);
  return {
    kind: 'accept',
    endpoint: endpointId,
    serial: request.serial,
    address: endpoint.address,
    owns,
    pushed,
    body: acceptBody(configuration.gateway, endpoint.address, range, owns, pushed),
    supersedes: older.map(({ key }) => key),
    authenticated: endpoint.kind === 'device' && endpoint.authentication.kind !== 'none',
  };
}

function ask(endpoint: EndpointId, serial: Serial, means: AskingMeans): Question | Refusal {
  switch (means.kind) {
    case 'page':
    case 'password':
      return { kind: 'ask', endpoint, serial, means };
    case 'none':
      return refuse('authentication-impossible', endpoint);
    case 'unknown':
      return refuse('authentication-again', endpoint);
  }
}

/** admittedAgain judges a renegotiation: the certificate must still belong to the session's endpoint, and that may still be here. */
export function admittedAgain(
  configuration: GatewayConfiguration | null,
  session: Pick<Session, 'serial' | 'endpoint' | 'address'>,
  peer: PeerInfo,
): boolean {
  // Without a configuration nothing says that it is not: what runs goes on.
  if (configuration === null) return true;
  return (
    configuration.certificates[session.serial] === session.endpoint &&
    isAdmitted(configuration.endpoints[session.endpoint], session.address, peer)
  );
}

function isAdmitted(endpoint: Endpoint | undefined, address: AddressText, peer: PeerInfo): boolean {
  if (endpoint?.admission !== 'admitted' || endpoint.address !== address) return false;
  return endpoint.kind !== 'device' || machineRefusal(endpoint.machine, peer.machine) === null;
}

/** hasOneOwner tells whether whoever is on the lane is sent everything there, because nobody else is. */
export function hasOneOwner(lane: Lane): boolean {
  return lane.kind === 'connector' || lane.kind === 'handover';
}

function takes(lane: Lane, endpoint: EndpointId): boolean {
  if (lane.kind === 'handover') return endpoint.startsWith('connector:');
  return lane.kind !== 'connector' || endpoint === `connector:${lane.owner}`;
}

/**
 * On a lane that is shared a daemon has one owner per prefix. A prefix that another connector holds there already stays with it: taking
 * it over would cut a connection that works, and the kernel's routes lead to the holder.
 */
function sharedOwnership(
  configuration: GatewayConfiguration,
  endpoint: EndpointId,
  onLane: Iterable<Session>,
): readonly PrefixText[] {
  const held = [...onLane]
    .filter((session) => session.endpoint !== endpoint)
    .flatMap(({ owns }) => owns.map((text) => strictPrefix(text)));
  return Object.entries(configuration.prefixes).flatMap(([text, site]) => {
    if (configuration.networks[site.network]?.connectors.includes(endpoint) !== true) return [];
    const prefix = strictPrefix(text);
    return prefix.family === 4 && !held.some((other) => overlaps(other, prefix)) ? [formatPrefix(prefix)] : [];
  });
}

/** refuse gives a refusal with the words for its reason, or with `clientText`. */
export function refuse(reason: RefusalReason, endpoint: EndpointId | null, clientText: string = clientTexts[reason]): Refusal {
  return { kind: 'refuse', reason, endpoint, clientText };
}
