import { join } from 'node:path';
import { openStore } from '../../src/controller/store/store.ts';
import type { Store } from '../../src/controller/store/store.ts';
import type { Region } from '../../src/lab/shapes/region.ts';
import { connectionString } from '../../src/postgres/embedded-postgres.ts';

/** openInstallationStore gives the database of a running installation, for what no call of the API does; close it. Its socket is a file. */
export function openInstallationStore({ dataDirectory }: Pick<Region, 'dataDirectory'>): Store {
  return openStore({ connectionString: connectionString(join(dataDirectory, 'pg', 'sock')) });
}
