import type { DatabaseOptions } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from './metrics.ts';

/** measureQueries gives what a store is told to call for each statement. */
export function measureQueries(metrics: Metrics): NonNullable<DatabaseOptions['onQuery']> {
  return (took_ms, failed) => {
    metrics.observe('causeway_database_query_duration_seconds', {}, took_ms / 1000);
    if (failed) metrics.count('causeway_database_query_errors_total', {});
  };
}

/** measurePool has the metrics say how the store's connections are used. */
export function measurePool(metrics: Metrics, store: Pick<Store, 'pool'>): void {
  metrics.live('causeway_database_pool_connections', () => {
    const { open, idle } = store.pool();
    return [
      [{ state: 'idle' }, idle],
      [{ state: 'busy' }, open - idle],
    ];
  });
  metrics.live('causeway_database_pool_waiting', () => [[{}, store.pool().waiting]]);
}
