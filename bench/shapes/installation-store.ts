import { join } from 'node:path';
import { openStore } from '../../src/controller/store/store.ts';
import type { Store } from '../../src/controller/store/store.ts';
import type { Region } from '../../src/lab/shapes/region.ts';
import { connectionString } from '../../src/postgres/embedded-postgres.ts';

/** openInstallationStore gives the database of a running installation, for what no call of the API does; close it. Its socket is a file. */
export function openInstallationStore({ dataDirectory }: Pick<Region, 'dataDirectory'>): Store {
  return openStore({ connectionString: connectionString(join(dataDirectory, 'pg', 'sock')) });
}

/** withInstallationStore opens it for one look: a connection does not outlive its server. */
export async function withInstallationStore<Value>(region: Region, look: (store: Store) => Promise<Value>): Promise<Value> {
  const store = openInstallationStore(region);
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}
