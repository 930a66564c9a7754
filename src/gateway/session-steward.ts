import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { EndpointId } from '../core/ids.ts';
import type { AddressText } from '../core/ip/address.ts';
import { rangeOf, withoutRange } from './accept-body.ts';
import type { LaneSet } from './lane-set.ts';
import type { Log } from './log.ts';
import { updateChunks, updateLines } from './management/push-update.ts';
import type { PushedOptions } from '../core/pushed-options.ts';
import type { EndReason } from '../core/session-fate.ts';
import { sessionFate } from '../core/session-fate.ts';
import type { SessionTable } from './session-table.ts';
import type { Session, SessionKey } from './session.ts';
import { isSameMachine } from './session.ts';
import type { GatewaySettings } from './settings.ts';

export type StewardOptions = {
  readonly sessions: SessionTable;
  readonly lanes: () => Pick<LaneSet, 'kill' | 'update'>;
  readonly configuration: () => GatewayConfiguration | null;
  readonly settings: Pick<GatewaySettings, 'supersededMs' | 'handoverMs' | 'handoverStayMs'>;
  readonly log: Log;
  readonly nameOf: (endpoint: EndpointId) => string;
  /** Has a lane send what it has for a client soon (stir.ts). */
  readonly stir: (address: AddressText) => unknown;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
};

/** A session that must not pass any more, and how its client is told. */
export type CutSession = { readonly session: Session; readonly how: 'HALT' | 'RESTART'; readonly reason: EndReason };

/**
 * SessionSteward has the clients told what a configuration, a newer session or the clock means for them. Those that must be cut it only
 * names: that is work for the kernel first.
 */
export class SessionSteward {
  readonly #options: StewardOptions;
  /** Sessions that were told to connect again, for this reason. */
  readonly #leaving = new Map<SessionKey, EndReason>();
  /** Sessions whose agent has been given time to hand over by itself. */
  readonly #patient = new Set<SessionKey>();
  /** Until when an endpoint may not come back to the hand-over lane; milliseconds since 1970. */
  readonly #overstayed = new Map<EndpointId, number>();

  constructor(options: StewardOptions) {
    this.#options = options;
  }

  /** judge tells every session what the configuration means for it, and returns those that are to be cut. */
  judge(configuration: GatewayConfiguration): readonly CutSession[] {
    const { sessions } = this.#options;
    const cut: CutSession[] = [];
    for (const session of sessions.all()) {
      const fate = sessionFate(configuration, session, () => sessions.onLane(session.lane));
      switch (fate.kind) {
        case 'keep':
          break;
        case 'cut':
          cut.push({ session, how: fate.how, reason: fate.reason });
          break;
        case 'restart':
          if (fate.when === 'now') this.#restart(session, fate.reason);
          else this.#restartUnlessHandedOver(session.key);
          break;
        case 'update':
          if (!this.#leaving.has(session.key)) void this.#update(configuration, session, fate.reason, fate.pushed);
          break;
      }
    }
    return cut;
  }

  /** arrived takes note of a session whose tunnel is up: nobody may stay on the hand-over lane, where others wait for their turn. */
  arrived(session: Session): void {
    if (this.#options.configuration()?.lanes[session.lane]?.kind !== 'handover') return;
    const { handoverStayMs } = this.#options.settings;
    this.#after(session.startedAt + handoverStayMs - Date.now(), () => {
      if (this.#options.sessions.byKey(session.key) === undefined) return;
      this.#overstayed.set(session.endpoint, Date.now() + handoverStayMs);
      const name = this.#options.nameOf(session.endpoint);
      this.#options.log.warn(
        `${name} did not move on from lane ${session.lane} within ${String(handoverStayMs)} ms; it has to connect again elsewhere`,
      );
      this.#restart(session, 'handover-overdue');
    });
  }

  /** overstayed tells whether an endpoint was on the hand-over lane for too long a short while ago. */
  overstayed(endpoint: EndpointId): boolean {
    const until = this.#overstayed.get(endpoint);
    if (until === undefined || Date.now() < until) return until !== undefined;
    this.#overstayed.delete(endpoint);
    return false;
  }

  /**
   * superseded ends what is left of a session that lost its routes to a newer one. It is given time to end by itself: an agent moves its
   * own routes to the new tunnel first, and what still comes by the old one is believed as long as that is there. What is left over on the
   * same machine must not come back and take over in its turn (HALT); another machine may come back, and is held off.
   */
  superseded(session: Session, newer: Session | undefined): void {
    const { supersededMs, handoverMs } = this.#options.settings;
    const how = newer !== undefined && isSameMachine(newer, session) ? 'HALT' : 'RESTART';
    this.#after(mayHandOver(session) ? handoverMs : supersededMs, () => {
      if (this.#options.sessions.byKey(session.key)?.state === 'superseded') void this.#options.lanes().kill(session, how);
    });
  }

  /** ended forgets a session and gives the reason to report: that of the gateway, where it was told to leave. */
  ended(session: Session, reason: EndReason): EndReason {
    const asked = this.#leaving.get(session.key);
    this.#leaving.delete(session.key);
    this.#patient.delete(session.key);
    return reason === 'disconnected' && asked !== undefined ? asked : reason;
  }

  #restart(session: Session, reason: EndReason): void {
    if (this.#leaving.has(session.key)) return;
    this.#leaving.set(session.key, reason);
    void this.#options.lanes().kill(session, 'RESTART');
  }

  #restartUnlessHandedOver(key: SessionKey): void {
    if (this.#patient.has(key)) return;
    this.#patient.add(key);
    this.#after(this.#options.settings.handoverMs, () => {
      this.#patient.delete(key);
      const { sessions } = this.#options;
      const configuration = this.#options.configuration();
      const session = sessions.byKey(key);
      // It may have been handed over, or what it lacked may be gone.
      if (configuration === null || session === undefined || session.state === 'superseded') return;
      const fate = sessionFate(configuration, session, () => sessions.onLane(session.lane));
      if (fate.kind === 'restart') this.#restart(session, fate.reason);
    });
  }

  async #update(configuration: GatewayConfiguration, session: Session, reason: EndReason, pushed: PushedOptions): Promise<void> {
    const range = rangeOf(configuration.gateway, session.address);
    const chunks = updateChunks(updateLines(range === undefined ? pushed : withoutRange(pushed, range)));
    // At once, so that a configuration that follows is compared with what is on its way.
    this.#options.sessions.told(session.key, pushed);
    const update = this.#options.lanes().update(session, chunks);
    if (chunks.length > 1) void this.#options.stir(session.address);
    if (!(await update)) this.#restart(session, reason);
  }

  #after(ms: number, act: () => void): void {
    void delay(Math.max(0, ms), undefined, { signal: this.#options.signal, ref: false })
      .then(act)
      .catch(() => undefined);
  }
}

/** Whether it runs our agent is not known of a connector that was connected before this gateway's agent began. */
function mayHandOver({ endpoint, peer, pushed }: Session): boolean {
  return endpoint.startsWith('connector:') && (peer.agent === true || pushed === null);
}
