import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDatabaseUnavailable } from '../../src/controller/store/database-trouble.ts';
import { openStore } from '../../src/controller/store/store.ts';
import type { Store } from '../../src/controller/store/store.ts';
import type { Region } from '../../src/lab/shapes/region.ts';
import { connectionString } from '../../src/postgres/embedded-postgres.ts';

/** openInstallationStore gives the database of a running installation, for what no call of the API does; close it. Its socket is a file. */
export function openInstallationStore({ dataDirectory }: Pick<Region, 'dataDirectory'>): Store {
  return openStore({ connectionString: connectionString(join(dataDirectory, 'pg', 'sock')) });
}

/** Longer than a database that recovers on a busy machine. */
const awayMs = 180_000;

/**
 * withInstallationStore opens it for one look: a connection does not outlive its server. A look that the end of the server cuts off is taken again: when
 * one of its processes is killed, the API may still answer a moment before the rest of them is ended.
 */
export async function withInstallationStore<Value>(region: Region, look: (store: Store) => Promise<Value>): Promise<Value> {
  const end = performance.now() + awayMs;
  for (;;) {
    const store = openInstallationStore(region);
    try {
      return await look(store);
    } catch (error) {
      if (!isDatabaseUnavailable(error) || performance.now() > end) throw error;
      await delay(20);
    } finally {
      await store.close();
    }
  }
}
