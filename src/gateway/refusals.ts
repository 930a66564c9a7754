import type { SessionReport } from '../contract/gateway.ts';
import type { EndpointId } from '../core/ids.ts';
import type { LaneId } from '../core/lanes.ts';
import type { Refusal } from './decision.ts';
import type { Log } from './log.ts';
import type { ClientIdentity } from './management/environment.ts';
import type { ProfileUse } from './profile-use.ts';
import { refusedReport } from './session-report.ts';
import { sessionKey } from './session.ts';

/** A refusal that repeats is told once in this time: a suspended client asks every few seconds. */
const repeatMs = 60_000;

/** Strangers with certificates of a CA that was ours may come with any number of serials. */
const mostRemembered = 10_000;

/** RefusalsParts are whom it tells. */
export type RefusalsParts = {
  readonly profileUse: ProfileUse;
  readonly nameOf: (endpoint: EndpointId) => string;
  readonly report: (refused: SessionReport) => void;
  readonly log: Log;
};

/** Refused is one client that was not let in. */
export type Refused = {
  readonly lane: LaneId;
  readonly daemon: string;
  readonly cid: number;
  readonly identity: ClientIdentity;
  readonly refusal: Refusal;
};

/** Refusals tells of clients that were not let in: the log, the controller, and who watches for profiles that are in use twice. */
export class Refusals {
  readonly #parts: RefusalsParts;
  readonly #toldAt = new Map<string, number>();

  constructor(parts: RefusalsParts) {
    this.#parts = parts;
  }

  add({ lane, daemon, cid, identity, refusal }: Refused, now: number): void {
    const { profileUse, nameOf, report, log } = this.#parts;
    const { clientAddress } = identity;
    const name = refusal.endpoint === null ? `serial ${identity.serial ?? 'unknown'}` : nameOf(refusal.endpoint);
    if (refusal.reason === 'in-use-elsewhere' && refusal.endpoint !== null) {
      profileUse.heldOff(refusal.endpoint, clientAddress, now);
    }
    const repeated = `${refusal.reason} ${name} ${clientAddress}`;
    const toldAt = this.#toldAt.get(repeated);
    if (toldAt !== undefined && now - toldAt < repeatMs) return;
    if (this.#toldAt.size >= mostRemembered) this.#toldAt.clear();
    this.#toldAt.set(repeated, now);
    log.info(`refused ${name} from ${clientAddress} on lane ${lane}: ${refusal.reason}`);
    const refused = refusedReport(sessionKey(lane, daemon, cid), lane, identity, refusal, now);
    if (refused !== null) report(refused);
  }
}
