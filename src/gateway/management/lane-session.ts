import type { LaneId } from '../../core/lanes.ts';
import type { AskingMeans } from '../authentication/means.ts';
import { readMeans } from '../authentication/means.ts';
import type { Acceptance, Refusal } from '../decision.ts';
import { tryParseSerial } from '../serial.ts';
import type { PeerInfo } from '../session.ts';
import { clientAuth, clientAuthAgain, clientDeny, clientKill, clientPendingAuth, pushUpdate } from './command.ts';
import type { Notice } from './connection.ts';
import { ManagementConnection } from './connection.ts';
import type { ClientIdentity } from './environment.ts';
import { readIdentity, readPeerInfo } from './environment.ts';
import type { LaneClient } from './status.ts';
import { parseStatus } from './status.ts';

/** ConnectingClient is a client that wants in. `show` has it show its person a page, as long as it waits. */
export type ConnectingClient = {
  readonly lane: LaneId;
  readonly daemon: string;
  readonly cid: number;
  readonly identity: ClientIdentity;
  readonly means: AskingMeans;
  readonly show: (text: string, seconds: number) => void;
};

/**
 * Pending is a client whose person is asked first. `settled` never rejects; what it gives is to be called if the client is still there, then
 * decides, and remembers an acceptance. `giveUp`: the client is gone.
 */
export type Pending = {
  readonly kind: 'pending';
  readonly settled: Promise<() => Acceptance | Refusal>;
  readonly giveUp: () => void;
};

/** LaneAuthority decides and remembers for all lanes. It is asked synchronously and answers from memory; a `cid` is meant within `daemon`. */
export type LaneAuthority = {
  /** Decides on a client that wants in; an acceptance is remembered before this returns. */
  connect(client: ConnectingClient): Acceptance | Refusal | Pending;
  /** Is a client whose key is renegotiated still welcome? */
  reauth(lane: LaneId, daemon: string, cid: number, identity: ClientIdentity): boolean;
  established(lane: LaneId, daemon: string, cid: number, peer: PeerInfo): void;
  disconnected(lane: LaneId, daemon: string, cid: number): void;
  bytes(lane: LaneId, daemon: string, cid: number, bytesIn: number, bytesOut: number): void;
  /** A client that the daemon let in earlier. The answer says how it is to be sent away, or null if it is (still) welcome. */
  adopt(lane: LaneId, daemon: string, client: LaneClient): 'RESTART' | 'HALT' | null;
  /** These are all that the daemon holds: whatever else is remembered of it has ended while nobody listened. */
  present(lane: LaneId, daemon: string, clients: readonly LaneClient[]): void;
  /** The daemon began anew by itself: all its clients are gone. */
  restarted(lane: LaneId, daemon: string): void;
};

export type LaneSessionSettings = {
  /** Seconds between byte counts of a client; they are also its sign of life. */
  readonly bytecountSeconds: number;
  /** The shortest time between two renegotiations of one client that has to be reckoned with. */
  readonly renegotiationSeconds: number;
};

/** The key id of a client's first CONNECT (seen with 2.6.14; openvpn.md 12.1). */
const firstKeyId = 1;
/** Key ids that are tried at most for one client: 250 renegotiations, which is two months at the default. */
const mostKeyIds = 500;

/**
 * LaneSession is the agent's side of one daemon's management connection.
 *
 * States, and what enters them:
 *   attaching  `open`: the daemon is asked who is there. CONNECT and REAUTH are answered in this state as in the next.
 *   attached   what was missed has been answered: clients that wait get their answer to CONNECT, those that are connected a blind
 *              `client-auth-nt` for each key id that a lost REAUTH may have had (a wrong one is refused and harmless); the hold is released.
 *   closed     the connection ended, by the daemon or by `close`. Final; a new LaneSession attaches again.
 * A client whose person is asked is answered when that is settled, in whatever state, if it is still there.
 * A HOLD in `attached` means that the daemon began anew by itself: its clients are gone and CIDs begin at 0 again, so its name changes.
 * Ignored: STATE, INFO, ADDRESS (repeats what the daemon was told), unknown messages, and BYTECOUNT and DISCONNECT of refused clients
 * (the authority does not know them).
 */
export class LaneSession {
  readonly lane: LaneId;
  /** Resolves with the cause when the session is over; never rejects. */
  readonly closed: Promise<Error>;
  readonly #daemonName: string;
  readonly #authority: LaneAuthority;
  readonly #settings: LaneSessionSettings;
  readonly #connection: ManagementConnection;
  /** CIDs whose CONNECT was answered on this connection: `status` may show them as waiting a moment longer. */
  readonly #answered = new Set<number>();
  /** CIDs whose person is asked. */
  readonly #pending = new Map<number, Pending>();
  #restarts = 0;
  #state: 'attaching' | 'attached' = 'attaching';
  #fatal = '';

  private constructor(
    lane: LaneId,
    daemonName: string,
    authority: LaneAuthority,
    settings: LaneSessionSettings,
    connection: ManagementConnection,
  ) {
    this.lane = lane;
    this.#daemonName = daemonName;
    this.#authority = authority;
    this.#settings = settings;
    this.#connection = connection;
    this.closed = connection.closed.then((cause) => {
      this.#giveUpPending();
      return this.#fatal === '' ? cause : new Error(`openvpn ended: ${this.#fatal}`, { cause });
    });
  }

  /**
   * open attaches to the daemon whose management socket is at `path` and returns when it is attached. `daemonName` is unique for ever
   * (start and pid). Rejects if nobody listens there, or the daemon ends meanwhile: then nothing of it is remembered as present.
   */
  static async open(
    lane: LaneId,
    path: string,
    daemonName: string,
    authority: LaneAuthority,
    settings: LaneSessionSettings,
  ): Promise<LaneSession> {
    const early: Notice[] = [];
    let take = (notice: Notice): unknown => early.push(notice);
    const connection = await ManagementConnection.open(path, (notice) => take(notice));
    const session = new LaneSession(lane, daemonName, authority, settings, connection);
    take = (notice) => session.#notice(notice);
    early.splice(0).forEach(take);
    await session.#attach();
    return session;
  }

  /** The daemon's name in session keys; changes when it begins anew by itself. */
  get daemon(): string {
    return this.#restarts === 0 ? this.#daemonName : `${this.#daemonName}+${String(this.#restarts)}`;
  }

  /** kill sends a client away (see clientKill). Never rejects: a client or daemon that is gone is what was wanted. */
  async kill(cid: number, how: 'RESTART' | 'HALT'): Promise<void> {
    await this.#connection.command(clientKill(cid, how), 'urgent').catch(ignoreClosed);
  }

  /**
   * update tells a client other options; true if the daemon sent them. Daemons before 2.7 do not know the command and say so, as does one
   * that cannot do it: so nobody asks for its version. All chunks are sent at once: the client is without routes from the first to the last.
   */
  async update(cid: number, chunks: readonly string[]): Promise<boolean> {
    const answers = chunks.map((chunk) => this.#connection.command(pushUpdate(cid, chunk), 'urgent'));
    const told = await Promise.allSettled(answers);
    return told.every((answer) => answer.status === 'fulfilled' && answer.value.ok);
  }

  /** refresh asks the daemon for its clients again: addresses of clients that moved are told by `status` alone. */
  async refresh(): Promise<void> {
    await this.#connection.list('status 3', ({ ok, lines }) => {
      if (ok) this.#authority.present(this.lane, this.daemon, parseStatus(lines));
    });
  }

  /** close ends the connection; the daemon and its clients go on. */
  close(): void {
    this.#connection.close();
  }

  async #attach(): Promise<void> {
    await this.#connection.list('status 3', ({ lines }) => this.#takeClients(parseStatus(lines)));
    await this.#connection.command(`bytecount ${String(this.#settings.bytecountSeconds)}`);
    this.#state = 'attached';
    // Also where no hold is on: then it does nothing.
    await this.#connection.command('hold release');
  }

  #takeClients(clients: readonly LaneClient[]): void {
    // Those that wait come first: they have until hand-window, and every second of theirs is an outage.
    for (const client of clients) if (client.tunnelAddress === null) this.#answerWaiting(client);
    for (const client of clients) {
      if (client.tunnelAddress === null || this.#answered.has(client.cid)) continue;
      const sendAway = this.#authority.adopt(this.lane, this.daemon, client);
      if (sendAway === null) this.#answerLostReauths(client);
      else void this.kill(client.cid, sendAway);
    }
    this.#authority.present(this.lane, this.daemon, clients);
  }

  #answerWaiting(client: LaneClient): void {
    const serial = tryParseSerial(client.commonName);
    // UNDEF: the handshake is not over, so its CONNECT is still to come.
    if (serial === null || this.#answered.has(client.cid)) return;
    this.#answerConnect(client.cid, firstKeyId, { serial, clientAddress: client.realAddress, peer: {} }, { kind: 'unknown' });
  }

  #answerLostReauths(client: LaneClient): void {
    const age = Math.max(0, Date.now() - client.since) / 1000;
    // A client that renegotiates uses up to two key ids each time; the server's share of jitter makes the interval up to a tenth shorter.
    const likely = 2 * Math.ceil(age / (this.#settings.renegotiationSeconds * 0.9)) + 4;
    for (let kid = firstKeyId + 1; kid <= Math.min(likely, mostKeyIds); kid += 1) {
      void this.#connection.command(clientAuthAgain(client.cid, kid)).catch(ignoreClosed);
    }
  }

  #notice(notice: Notice): void {
    switch (notice.kind) {
      case 'connect':
        if (!this.#answered.has(notice.cid)) {
          this.#answerConnect(notice.cid, notice.kid, readIdentity(notice.environment), readMeans(notice.environment));
        }
        return;
      case 'reauth':
        return this.#answerReauth(notice.cid, notice.kid, readIdentity(notice.environment));
      case 'established':
        return this.#authority.established(this.lane, this.daemon, notice.cid, readPeerInfo(notice.environment));
      case 'disconnect':
        this.#answered.delete(notice.cid);
        this.#pending.get(notice.cid)?.giveUp();
        this.#pending.delete(notice.cid);
        return this.#authority.disconnected(this.lane, this.daemon, notice.cid);
      case 'bytecount':
        return this.#authority.bytes(this.lane, this.daemon, notice.cid, notice.bytesIn, notice.bytesOut);
      case 'hold':
        if (this.#state === 'attached') this.#restarted();
        return;
      case 'fatal':
        this.#fatal = notice.text;
        return;
      case 'address':
      case 'state':
      case 'info':
      case 'unknown':
        return;
    }
  }

  #answerConnect(cid: number, kid: number, identity: ClientIdentity, means: AskingMeans): void {
    this.#answered.add(cid);
    const show = (text: string, seconds: number) => this.#urgent(clientPendingAuth(cid, kid, text, seconds));
    const decision = this.#authority.connect({ lane: this.lane, daemon: this.daemon, cid, identity, means, show });
    if (decision.kind !== 'pending') return this.#answer(cid, kid, decision);
    this.#pending.set(cid, decision);
    void decision.settled.then((decide) => {
      // CIDs begin again with the daemon: what counts is that this very question is still open.
      if (this.#pending.get(cid) !== decision) return;
      this.#pending.delete(cid);
      this.#answer(cid, kid, decide());
    });
  }

  #answer(cid: number, kid: number, decision: Acceptance | Refusal): void {
    const daemon = this.daemon;
    if (decision.kind === 'refuse') {
      this.#urgent(clientDeny(cid, kid, decision.reason, decision.clientText));
      return;
    }
    this.#connection.command(clientAuth(cid, kid, decision.body), 'urgent').then(
      ({ ok }) => {
        // The client left between its question and our answer.
        if (!ok) this.#authority.disconnected(this.lane, daemon, cid);
      },
      // The connection ended: the next attach sees what became of the client.
      ignoreClosed,
    );
  }

  #answerReauth(cid: number, kid: number, identity: ClientIdentity): void {
    if (this.#authority.reauth(this.lane, this.daemon, cid, identity)) {
      this.#urgent(clientAuthAgain(cid, kid));
      return;
    }
    this.#urgent(clientDeny(cid, kid, 'not admitted any more', 'TEMP[backoff 3]:not admitted any more'));
    // Denied, the client's old key would live on up to an hour (tran-window).
    void this.kill(cid, 'RESTART');
  }

  #restarted(): void {
    const before = this.daemon;
    this.#restarts += 1;
    this.#answered.clear();
    this.#giveUpPending();
    this.#authority.restarted(this.lane, before);
    this.#urgent('hold release');
    void this.#connection.command(`bytecount ${String(this.#settings.bytecountSeconds)}`).catch(ignoreClosed);
  }

  #giveUpPending(): void {
    for (const pending of this.#pending.values()) pending.giveUp();
    this.#pending.clear();
  }

  #urgent(command: string): void {
    this.#connection.command(command, 'urgent').catch(ignoreClosed);
  }
}

/** A command cut off by the end of its connection needs no handling of its own: `closed` tells, and the next attach asks the daemon anew. */
function ignoreClosed(): void {}
