import { restrictedClass } from '../../core/egress-classes.ts';
import type { ConnectorId } from '../../core/ids.ts';
import { internetResolvers } from '../domain/internet-use.ts';
import { readInternetUsers } from '../domain/internet-users.ts';
import { newsOnce } from '../news.ts';
import { appendEvents } from '../store/model-transaction.ts';
import type { Store } from '../store/store.ts';
import type { HealthChanges, PoolMove } from './health-changes.ts';

/** ReportChanges is what a report changed for connectors: `online` and `offline` are transitions, refusals repeat. */
export type ReportChanges = {
  readonly online: readonly ConnectorId[];
  readonly offline: readonly ConnectorId[];
  readonly refused: readonly { readonly connector: ConnectorId; readonly reason: string }[];
  readonly health: HealthChanges;
};

type Event = Parameters<typeof appendEvents>[1][number];

/** A refused connector tries again every few seconds (openvpn.md 12.1); one event for each reason in this time says as much. */
const refusalQuietMs = 300_000;

/**
 * ConnectorEvents writes `connector.online`, `.offline` and `.refused`, `connector.healthy`, `.recovering` and `.unhealthy`, `network.moved`,
 * `egress.moved` and `egress.refused` events. Only of connectors: devices come and go far more often, and events are written under the
 * lock of the model (store/model-transaction.ts).
 */
export class ConnectorEvents {
  readonly #store: Store;
  readonly #isNews = newsOnce(refusalQuietMs);

  constructor(store: Store) {
    this.#store = store;
  }

  /** tell writes the events of one report; `nowMs` is milliseconds since 1970. */
  async tell(changes: ReportChanges, nowMs: number): Promise<void> {
    const event = (topic: string, entityId: string, payload: object = {}): Event => ({
      topic: `connector.${topic}`,
      entity: 'connector',
      entityId,
      payload,
    });
    const { connectors, pools } = changes.health;
    await appendEvents(this.#store, [
      ...changes.online.map((id) => event('online', id)),
      ...changes.offline.map((id) => event('offline', id)),
      ...changes.refused
        .filter(({ connector, reason }) => this.#isNews(`${connector} ${reason}`, nowMs))
        .map(({ connector, reason }) => event('refused', connector, { reason })),
      ...connectors.map(({ connector, health, reason }) => event(health, connector, { reason })),
      ...pools.flatMap(networkMove),
      ...(await this.#egressMoves(pools)),
    ]);
  }

  /** Who it concerns is written down as it is now: a class is only a number. */
  async #egressMoves(moves: readonly PoolMove[]): Promise<Event[]> {
    const egress = moves.filter(({ pool }) => pool.startsWith(egressPool));
    if (egress.length === 0) return [];
    const { database } = this.#store;
    const users = await readInternetUsers(database);
    const classes = await database.selectFrom('egress_class').selectAll().execute();
    const resolvers = await internetResolvers(database);
    return egress.flatMap(({ pool, from, to, reason }) => {
      const entityId = pool.slice(egressPool.length);
      const key = classes.find(({ number }) => `e${String(number)}` === entityId)?.key;
      // Restricted ones have no use for an internet gateway but to ask a resolver behind it.
      if (key === restrictedClass && resolvers.length === 0) return [];
      const concerned = users.filter((user) => user.key === key).map(({ kind, id, name }) => ({ kind, id, name }));
      const topic = to.length === 0 ? 'egress.refused' : 'egress.moved';
      return [{ topic, entity: 'egress-class', entityId, payload: { from, to, reason, usedBy: concerned } }];
    });
  }
}

const networkPool = 'network:';
const egressPool = 'egress:';

function networkMove({ pool, from, to, reason }: PoolMove): Event[] {
  if (!pool.startsWith(networkPool)) return [];
  return [{ topic: 'network.moved', entity: 'network', entityId: pool.slice(networkPool.length), payload: { from, to, reason } }];
}
