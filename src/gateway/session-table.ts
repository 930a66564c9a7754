import type { EndpointId } from '../core/ids.ts';
import type { LaneId } from '../core/lanes.ts';
import type { SessionView } from './decision.ts';
import type { PushedOptions } from '../core/pushed-options.ts';
import type { PeerInfo, Session, SessionKey } from './session.ts';
import { sessionKey } from './session.ts';

/** What a session begins with; the table adds its key, its order and its counters. */
export type NewSession = Omit<Session, 'key' | 'order' | 'state'> & { readonly state: 'accepted' | 'established' };

/**
 * SessionTable is the gateway's memory of its live sessions, over all lanes. Sessions are replaced, never changed, so a reader may keep
 * what it was given. A key names one session for ever, so what comes late for an old CID never touches a newer one.
 */
export class SessionTable implements SessionView {
  readonly #sessions = new Map<SessionKey, Session>();
  readonly #byEndpoint = new Map<EndpointId, Set<SessionKey>>();
  readonly #byLane = new Map<LaneId, Set<SessionKey>>();
  #version = 0;
  /** version counts what matters to the kernel: who is there and in which state. Bytes and addresses of clients are not. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(lane: LaneId, daemon: string, cid: number): Session | undefined {
    return this.#sessions.get(sessionKey(lane, daemon, cid));
  }

  byKey(key: SessionKey): Session | undefined {
    return this.#sessions.get(key);
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  ofEndpoint(endpoint: EndpointId): Session[] {
    return this.#of(this.#byEndpoint.get(endpoint));
  }

  onLane(lane: LaneId): Session[] {
    return this.#of(this.#byLane.get(lane));
  }

  /**
   * add remembers a session that was let in, or found in a running daemon. One that was let in is the newest of its endpoint, whatever
   * the clock says; those that are found are ordered by their start.
   */
  add(begin: NewSession): Session {
    const newest = begin.state === 'accepted' ? Math.max(0, ...this.ofEndpoint(begin.endpoint).map(({ order }) => order + 1)) : 0;
    const key = sessionKey(begin.lane, begin.daemon, begin.cid);
    const session: Session = { ...begin, key, order: Math.max(newest, begin.startedAt) };
    this.#version += 1;
    this.#sessions.set(session.key, session);
    indexed(this.#byEndpoint, session.endpoint).add(session.key);
    indexed(this.#byLane, session.lane).add(session.key);
    return session;
  }

  /**
   * establish marks a session as up and gives the older sessions of its endpoint, which it supersedes. Null if it is not known or is
   * superseded itself: of two that come up at once the one that was accepted later stays.
   */
  establish(key: SessionKey, peer: PeerInfo): { readonly session: Session; readonly superseded: readonly Session[] } | null {
    const session = this.#sessions.get(key);
    if (session === undefined || session.state === 'superseded') return null;
    const established: Session = { ...session, state: 'established', peer: { ...session.peer, ...peer } };
    this.#version += 1;
    this.#sessions.set(key, established);
    const older = this.ofEndpoint(session.endpoint).filter(
      (other) => other.order < session.order && other.state !== 'superseded',
    );
    const superseded = older.map((other) => this.#replace({ ...other, state: 'superseded' }));
    return { session: established, superseded };
  }

  /**
   * reinstate gives an endpoint whose newest session has ended the one before it back, as far as that is still there and was heard of at
   * `heardSince` or later: a hand-over that fails must not take the tunnel along that still works. Undefined if there is nothing to do.
   */
  reinstate(endpoint: EndpointId, heardSince: number): Session | undefined {
    const left = this.ofEndpoint(endpoint);
    if (left.some(({ state }) => state === 'established')) return undefined;
    const newest = left
      .filter(({ state, heardAt }) => state === 'superseded' && heardAt >= heardSince)
      .toSorted((a, b) => b.order - a.order)[0];
    if (newest === undefined) return undefined;
    this.#version += 1;
    return this.#replace({ ...newest, state: 'established' });
  }

  /** bytes notes counters of a session; more bytes from it than before are its sign of life. */
  bytes(key: SessionKey, bytesIn: number, bytesOut: number, now: number): void {
    const session = this.#sessions.get(key);
    if (session === undefined) return;
    this.#replace({ ...session, bytesIn, bytesOut, heardAt: bytesIn > session.bytesIn ? now : session.heardAt });
  }

  /** told notes what a client has been told since it connected. */
  told(key: SessionKey, pushed: PushedOptions): void {
    const session = this.#sessions.get(key);
    if (session !== undefined) this.#replace({ ...session, pushed });
  }

  /** moved notes where a client's packets come from now. */
  moved(key: SessionKey, clientAddress: string): void {
    const session = this.#sessions.get(key);
    if (session !== undefined && session.clientAddress !== clientAddress) this.#replace({ ...session, clientAddress });
  }

  /** remove forgets a session and gives what it was; undefined if it is not there (any more). */
  remove(key: SessionKey): Session | undefined {
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    this.#version += 1;
    this.#sessions.delete(key);
    unindex(this.#byEndpoint, session.endpoint, key);
    unindex(this.#byLane, session.lane, key);
    return session;
  }

  #replace(session: Session): Session {
    this.#sessions.set(session.key, session);
    return session;
  }

  #of(keys: Iterable<SessionKey> | undefined): Session[] {
    return [...(keys ?? [])].flatMap((key) => this.#sessions.get(key) ?? []);
  }
}

function indexed<Name>(index: Map<Name, Set<SessionKey>>, name: Name): Set<SessionKey> {
  let keys = index.get(name);
  if (keys === undefined) index.set(name, (keys = new Set()));
  return keys;
}

function unindex<Name>(index: Map<Name, Set<SessionKey>>, name: Name, key: SessionKey): void {
  const keys = index.get(name);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(name);
}
