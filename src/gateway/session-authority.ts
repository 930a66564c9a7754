import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { EndpointId, Serial } from '../core/ids.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { everything } from '../core/ip/prefix.ts';
import { tryParseAddress } from '../core/ip/address.ts';
import type { AddressText } from '../core/ip/address.ts';
import type { LaneId } from '../core/lanes.ts';
import type { Questions, Verdict } from './authentication/questions.ts';
import type { Acceptance, ConnectRequest, Decision, Question, Refusal } from './decision.ts';
import { admittedAgain, decide, hasOneOwner, refuse } from './decision.ts';
import type { ClientIdentity } from './management/environment.ts';
import type { ConnectingClient, LaneAuthority, Pending } from './management/lane-session.ts';
import type { LaneClient } from './management/status.ts';
import { pushedTo } from '../core/pushed-options.ts';
import type { Refused } from './refusals.ts';
import { tryParseSerial } from './serial.ts';
import type { PeerInfo, Session } from './session.ts';
import type { EndReason } from '../core/session-fate.ts';
import { sessionFate } from '../core/session-fate.ts';
import type { SessionTable } from './session-table.ts';
import type { Strangers } from './strangers.ts';

/** What follows from an event of a session is not the authority's: it answers first, and then tells. None of these may block. */
export type SessionEvents = {
  /** The kernel has something to do. */
  changed(): void;
  refused(refused: Refused): void;
  accepted(): void;
  /** More bytes have passed: of a session, since the last time. */
  passed(session: Session, bytesIn: number, bytesOut: number): void;
  /** The tunnel of a session is up. */
  arrived(session: Session): void;
  /** Older sessions lost their routes to a newer one of the same endpoint. */
  superseded(sessions: readonly Session[]): void;
  ended(session: Session, reason: EndReason): void;
};

export type AuthorityOptions = {
  readonly sessions: SessionTable;
  readonly strangers: Strangers;
  readonly configuration: () => GatewayConfiguration | null;
  /** The endpoint was on the hand-over lane for too long (session-steward.ts). */
  readonly overstayed: (endpoint: EndpointId) => boolean;
  /** The device goes on with an authenticated connection that it lost. */
  readonly continues: (endpoint: EndpointId, client: Pick<Session, 'clientAddress' | 'peer'>) => boolean;
  readonly questions: Pick<Questions, 'ask'>;
  readonly aliveMs: number;
  readonly now: () => number;
  readonly events: SessionEvents;
};

/** SessionAuthority answers the lanes from the configuration and the session table, and keeps the table. Only people are waited for. */
export class SessionAuthority implements LaneAuthority {
  readonly #options: AuthorityOptions;
  readonly #sessions: SessionTable;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    this.#sessions = options.sessions;
  }

  connect(client: ConnectingClient): Acceptance | Refusal | Pending {
    const decision = this.#decide(client, false);
    return decision.kind === 'ask' ? this.#ask(client, decision) : this.#remember(client, decision);
  }

  #decide({ lane, identity, means }: ConnectingClient, isApproved: boolean): Decision {
    const { configuration, now, aliveMs, strangers, overstayed, continues } = this.#options;
    const request: ConnectRequest = {
      lane,
      serial: identity.serial,
      clientAddress: identity.clientAddress,
      peer: identity.peer,
      means,
      mayBecomeKnown: (serial: Serial) => strangers.mayBecomeKnown(serial, now()),
      overstayed,
      isProved: (endpoint) => isApproved || continues(endpoint, identity),
    };
    return decide(configuration(), this.#sessions, request, now(), aliveMs);
  }

  /** Nothing is remembered of the client until it can be answered: what counts is how things stand then. */
  #ask(client: ConnectingClient, question: Question): Pending {
    const asked = this.#options.questions.ask({
      question,
      clientAddress: client.identity.clientAddress,
      show: client.show,
      isMoot: () => this.#decide(client, false).kind !== 'ask',
    });
    const decide = (verdict: Verdict): Acceptance | Refusal => {
      if (verdict.kind === 'refuse') return this.#remember(client, verdict);
      const decision = this.#decide(client, verdict.kind === 'approved');
      // It was moot a moment ago; the client is asked when it comes again.
      return this.#remember(client, decision.kind === 'ask' ? refuse('authentication-again', decision.endpoint) : decision);
    };
    return { kind: 'pending', settled: asked.verdict.then((verdict) => () => decide(verdict)), giveUp: asked.giveUp };
  }

  #remember({ lane, daemon, cid, identity }: ConnectingClient, decision: Acceptance | Refusal): Acceptance | Refusal {
    const { now, events } = this.#options;
    if (decision.kind === 'refuse') {
      // A code that is still to come is no refusal.
      if (decision.reason !== 'authentication-second-factor') events.refused({ lane, daemon, cid, identity, refusal: decision });
      return decision;
    }
    const { endpoint, serial, address, owns, pushed, authenticated } = decision;
    const { clientAddress, peer } = identity;
    const counters = { startedAt: now(), heardAt: now(), bytesIn: 0, bytesOut: 0 };
    const whose = { lane, daemon, cid, endpoint, serial, address, clientAddress, peer, authenticated };
    this.#sessions.add({ ...whose, ...counters, state: 'accepted', owns, pushed });
    events.changed();
    events.accepted();
    return decision;
  }

  reauth(lane: LaneId, daemon: string, cid: number, identity: ClientIdentity): boolean {
    const session = this.#sessions.get(lane, daemon, cid);
    if (session === undefined) {
      // Attached to a running daemon, and it asks before we know its clients: the certificate decides, `status` brings the rest.
      const configuration = this.#options.configuration();
      const endpoint = identity.serial === null ? undefined : configuration?.certificates[identity.serial];
      return configuration === null || (endpoint !== undefined && configuration.endpoints[endpoint]?.admission === 'admitted');
    }
    return identity.serial === session.serial && admittedAgain(this.#options.configuration(), session, identity.peer);
  }

  established(lane: LaneId, daemon: string, cid: number, peer: PeerInfo): void {
    const session = this.#sessions.get(lane, daemon, cid);
    const result = session === undefined ? null : this.#sessions.establish(session.key, peer);
    if (result === null) return;
    this.#options.events.changed();
    this.#options.events.arrived(result.session);
    if (result.superseded.length > 0) this.#options.events.superseded(result.superseded);
  }

  disconnected(lane: LaneId, daemon: string, cid: number): void {
    const session = this.#sessions.get(lane, daemon, cid);
    if (session !== undefined) this.#end(session, session.state === 'superseded' ? 'superseded' : 'disconnected');
  }

  bytes(lane: LaneId, daemon: string, cid: number, bytesIn: number, bytesOut: number): void {
    const session = this.#sessions.get(lane, daemon, cid);
    if (session === undefined) return;
    this.#options.events.passed(session, Math.max(0, bytesIn - session.bytesIn), Math.max(0, bytesOut - session.bytesOut));
    this.#sessions.bytes(session.key, bytesIn, bytesOut, this.#options.now());
  }

  adopt(lane: LaneId, daemon: string, client: LaneClient): 'RESTART' | 'HALT' | null {
    const configuration = this.#options.configuration();
    const known = this.#sessions.get(lane, daemon, client.cid);
    const session = known ?? this.#found(configuration, lane, daemon, client);
    if (session === null) return 'HALT';
    if (configuration !== null) {
      const fate = sessionFate(configuration, session, () => this.#sessions.onLane(lane));
      if (fate.kind === 'cut') {
        this.#sessions.remove(session.key);
        this.#options.events.changed();
        return fate.how;
      }
    }
    this.bytes(lane, daemon, client.cid, client.bytesIn, client.bytesOut);
    this.established(lane, daemon, client.cid, {});
    return null;
  }

  present(lane: LaneId, daemon: string, clients: readonly LaneClient[]): void {
    const byCid = new Map(clients.map((client) => [client.cid, client]));
    for (const session of this.#sessions.onLane(lane)) {
      const client = session.daemon === daemon ? byCid.get(session.cid) : undefined;
      if (client === undefined) this.#end(session, session.daemon === daemon ? 'disconnected' : 'lane-ended');
      else this.#sessions.moved(session.key, client.realAddress);
    }
  }

  restarted(lane: LaneId): void {
    for (const session of this.#sessions.onLane(lane)) this.#end(session, 'lane-ended');
  }

  /** A client of a daemon that ran before this agent did. Null if nothing says who it is. */
  #found(configuration: GatewayConfiguration | null, lane: LaneId, daemon: string, client: LaneClient): Session | null {
    const serial = tryParseSerial(client.commonName);
    const endpoint = serial === null ? undefined : configuration?.certificates[serial];
    const address = client.tunnelAddress === null ? undefined : tryParseAddress(client.tunnelAddress);
    if (serial === null || endpoint === undefined || address === undefined) return null;
    const { cid, realAddress: clientAddress, bytesIn, bytesOut, since: startedAt } = client;
    const device = configuration?.endpoints[endpoint];
    const ownLane = configuration?.lanes[lane];
    return this.#sessions.add({
      lane,
      daemon,
      cid,
      endpoint,
      serial,
      // The daemon prints canonical dotted quads, and they parsed.
      address: client.tunnelAddress as AddressText,
      state: 'established',
      clientAddress,
      startedAt,
      bytesIn,
      bytesOut,
      heardAt: this.#options.now(),
      owns: ownLane !== undefined && hasOneOwner(ownLane) ? [everything] : (client.owns as PrefixText[]),
      // The configuration on disk is the one that the agent before this one worked with, so its devices have those routes. Whether a
      // connector runs our agent is not known any more: it is not reset for a route that the controller tells it anyway.
      pushed: configuration !== null && device?.kind === 'device' ? pushedTo(configuration, device) : null,
      peer: {},
      found: true,
      authenticated: false,
    });
  }

  #end(session: Session, reason: EndReason): void {
    this.#sessions.remove(session.key);
    // Devices do not hand over: what is left of one is a machine that went away without a word.
    if (session.endpoint.startsWith('connector:'))
      this.#sessions.reinstate(session.endpoint, this.#options.now() - this.#options.aliveMs);
    this.#options.events.changed();
    this.#options.events.ended(session, reason);
  }
}
