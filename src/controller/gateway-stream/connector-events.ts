import type { ConnectorId } from '../../core/ids.ts';
import { newsOnce } from '../news.ts';
import { appendEvents } from '../store/model-transaction.ts';
import type { Store } from '../store/store.ts';

/** ReportChanges is what a report changed for connectors: `online` and `offline` are transitions, refusals repeat. */
export type ReportChanges = {
  readonly online: readonly ConnectorId[];
  readonly offline: readonly ConnectorId[];
  readonly refused: readonly { readonly connector: ConnectorId; readonly reason: string }[];
};

/** A refused connector tries again every few seconds (openvpn.md 12.1); one event for each reason in this time says as much. */
const refusalQuietMs = 300_000;

/**
 * ConnectorEvents writes `connector.online`, `.offline` and `.refused` events. Only connectors: devices come and go far more often,
 * and events are written under the lock of the model (store/model-transaction.ts).
 */
export class ConnectorEvents {
  readonly #store: Store;
  readonly #isNews = newsOnce(refusalQuietMs);

  constructor(store: Store) {
    this.#store = store;
  }

  /** tell writes the events of one report; `nowMs` is milliseconds since 1970. */
  async tell(changes: ReportChanges, nowMs: number): Promise<void> {
    const event = (topic: string, entityId: string, payload: object = {}) => ({
      topic: `connector.${topic}`,
      entity: 'connector',
      entityId,
      payload,
    });
    await appendEvents(this.#store, [
      ...changes.online.map((id) => event('online', id)),
      ...changes.offline.map((id) => event('offline', id)),
      ...changes.refused
        .filter(({ connector, reason }) => this.#isNews(`${connector} ${reason}`, nowMs))
        .map(({ connector, reason }) => event('refused', connector, { reason })),
    ]);
  }
}
