import { stat } from 'node:fs/promises';
import path from 'node:path';
import { connectionString } from '../postgres/embedded-postgres.ts';
import { isInUse } from '../supervisor/data-directory-check.ts';
import type { DataDirectory } from '../supervisor/data-directory.ts';
import { BackupFailure } from './backup-failure.ts';

/** Where the installation's data are now. `stopped`: in the private server, which nobody runs at the moment. */
export type DatabasePlace = { readonly kind: 'running'; readonly url: string } | { readonly kind: 'stopped' };

/**
 * findDatabase says where to ask. Only who runs `up` knows for certain which database it uses: DATABASE_URL has to be the same here. Throws
 * BackupFailure where it cannot be: `up` runs and has no private server, or there is none and there never was.
 */
export async function findDatabase(directory: DataDirectory, databaseUrl: string | undefined): Promise<DatabasePlace> {
  if (databaseUrl !== undefined && databaseUrl !== '') return { kind: 'running', url: databaseUrl };
  const { data, socket } = directory.postgres;
  const elsewhere = `if "up" was started with DATABASE_URL, give the same to this command`;
  if (await isInUse(directory.root)) {
    if (await isThere(path.join(socket, '.s.PGSQL.5432'))) return { kind: 'running', url: connectionString(socket) };
    throw new BackupFailure(
      `"causeway up" runs on ${directory.root}, but its private database does not answer: wait until it is ready; ${elsewhere}`,
    );
  }
  if (await isThere(path.join(data, 'PG_VERSION'))) return { kind: 'stopped' };
  throw new BackupFailure(`${directory.root} holds no database: start "causeway up" once; ${elsewhere}`);
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
