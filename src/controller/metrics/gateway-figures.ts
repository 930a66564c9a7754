import type { GatewayFigures } from '../../contract/gateway.ts';
import type { GatewayId } from '../../core/ids.ts';

/**
 * A gateway reports every 10 seconds. What is older than this is of one that is gone or silent: as series it would go on as if nothing had
 * happened.
 */
const believed_ms = 60_000;

/**
 * GatewayFiguresStore keeps the last figures of each gateway in memory (decision 110): they are worth nothing when they are older than a
 * minute, and in the database they would be 30 kB of a row that is written every 10 seconds.
 */
export class GatewayFiguresStore {
  readonly #last = new Map<GatewayId, { readonly figures: GatewayFigures; readonly at_ms: number }>();

  /** keep takes in a report; `now_ms` is milliseconds since 1970. */
  keep(gateway: GatewayId, figures: GatewayFigures, now_ms: number): void {
    this.#last.set(gateway, { figures, at_ms: now_ms });
  }

  /** of gives the figures of a gateway that reports; undefined where there are none, or none that is new enough. */
  of(gateway: GatewayId, now_ms: number): GatewayFigures | undefined {
    const last = this.#last.get(gateway);
    if (last === undefined) return undefined;
    if (now_ms - last.at_ms <= believed_ms) return last.figures;
    this.#last.delete(gateway);
    return undefined;
  }
}
