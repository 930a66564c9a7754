import { open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import type { Migration } from '../controller/store/migrate.ts';
import { migrateWithin, readMigrations } from '../controller/store/migrate.ts';
import { stopLeftoverServer } from '../postgres/leftover-server.ts';
import { dataDirectoryAt, ensureDataDirectory } from '../supervisor/data-directory.ts';
import type { MountMode } from '../supervisor/enter-mount-view.ts';
import { readInstallation, writeInstallation } from '../supervisor/installation.ts';
import type { SystemUsers } from '../supervisor/system-users.ts';
import type { Manifest } from './archive/manifest.ts';
import type { OpenBackup } from './archive/open-backup.ts';
import { prove } from './archive/open-backup.ts';
import { BackupFailure, causeText } from './backup-failure.ts';
import { stampOf } from './backup-name.ts';
import { besideName, placeKeptFile } from './installation-files.ts';
import { withPrivateServer } from './private-server.ts';
import { requireKnownSchema } from './known-schema.ts';
import { sizeText } from './size-text.ts';
import { withClient } from './tables/dump-tables.ts';
import { TableLoader } from './tables/load-tables.ts';

export type RestoreOptions = {
  /** Without symbolic links; the caller holds its lock, in a mount namespace of its own. */
  readonly data: string;
  readonly replace: boolean;
  readonly hostname: string | null;
  readonly databaseUrl: string | undefined;
  readonly users: SystemUsers;
  readonly mountMode: MountMode;
  readonly now: () => Date;
  readonly signal: AbortSignal;
};

export type Restored = {
  readonly manifest: Manifest;
  readonly hostname: string;
  /** Where what was there before lies now. */
  readonly keptAside: string | undefined;
  /** Migrations that a newer program had to add. */
  readonly migrated: readonly string[];
};

const unfinishedMark = 'restoring';

/**
 * How far revision and event numbers jump. Gateways refuse an older revision than they hold, and readers of events go on from the last
 * number that they have seen: what the lost machine had still given out after the backup must not come again with another meaning. More
 * than an installation changes in years (docs/decisions/0103).
 */
const jump = 1_000_000;

/** A new cluster with its write-ahead log; beside it the rows, with their indexes twice as large as their text. */
const clusterBytes = 200_000_000;
const growth = 3;

/**
 * restoreBackup makes the installation in a directory beside `data` and renames it into place when all of it is there. Before the first
 * write the whole file is read and proved. Rejects with BackupFailure; until the renames at the end what was there stays as it was, and
 * what was begun is taken away (after a kill -9 by the next restore).
 */
export async function restoreBackup(backup: OpenBackup, options: RestoreOptions): Promise<Restored> {
  const migrations = await readMigrations();
  const occupied = await requireRoom(options);
  const manifest = await backup.read((stated) => {
    requireKnownSchema(stated, migrations);
    return prove();
  });
  await requireSpace(options.data, manifest);
  options.signal.throwIfAborted();
  await removeUnfinished(options.data);
  const building = besideName(options.data, unfinishedMark);
  try {
    await ensureDataDirectory(dataDirectoryAt(building), options.users);
    const load = async (url: string): Promise<readonly string[]> =>
      await loadDatabase(url, backup, { manifest, migrations, building, options });
    const migrated = isExternal(options.databaseUrl)
      ? await load(options.databaseUrl)
      : await withPrivateServer(
          { cluster: dataDirectoryAt(building).postgres.data, user: options.users.database, mountMode: options.mountMode },
          load,
        );
    const hostname = await nameInstallation(building, options.hostname);
    options.signal.throwIfAborted();
    const keptAside = await putInPlace(building, options, occupied);
    return { manifest, hostname, keptAside, migrated };
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

function isExternal(url: string | undefined): url is string {
  return url !== undefined && url !== '';
}

/** True where something is there that --replace has to keep aside. */
async function requireRoom({ data, replace }: RestoreOptions): Promise<boolean> {
  const { dev } = await stat(data);
  if ((await stat(path.dirname(data))).dev !== dev)
    throw new BackupFailure(
      `${data} is the top of a file system of its own, which cannot be put in place whole: restore into a directory in it, such as --data ${path.join(data, 'causeway')}`,
    );
  const [example] = await readdir(data);
  if (example === undefined) return false;
  if (replace) return true;
  const what = (await readInstallation(data).catch(() => undefined)) === undefined ? `holds ${example}` : 'holds an installation';
  throw new BackupFailure(
    `${data} ${what}, and a backup is restored into an empty directory or a new one: give --replace to have it kept aside under another name, or another --data`,
  );
}

async function requireSpace(data: string, manifest: Manifest): Promise<void> {
  const needed = clusterBytes + growth * manifest.entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const { bavail, bsize } = await statfs(path.dirname(data));
  if (bavail * bsize >= needed) return;
  throw new BackupFailure(
    `${path.dirname(data)} has ${sizeText(bavail * bsize)} free, and the restore needs some ${sizeText(needed)}: free some space, or choose another --data`,
  );
}

/** A restore that was killed has left its directory, and perhaps the server on it. Ours: the lock of `data` is held. */
async function removeUnfinished(data: string): Promise<void> {
  const parent = path.dirname(data);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`.${path.basename(data)}.`) || !name.endsWith(`.${unfinishedMark}`)) continue;
    await stopLeftoverServer(dataDirectoryAt(path.join(parent, name)).postgres.data);
    await rm(path.join(parent, name), { recursive: true, force: true });
  }
}

type Loading = {
  readonly manifest: Manifest;
  readonly migrations: readonly Migration[];
  readonly building: string;
  readonly options: RestoreOptions;
};

/** One transaction for schema and rows: a database elsewhere, too, is filled whole or stays empty. */
async function loadDatabase(
  url: string,
  backup: OpenBackup,
  { manifest, migrations, building, options }: Loading,
): Promise<readonly string[]> {
  return await withClient(url, async (client) => {
    try {
      await client.query('begin');
      await requireEmptyDatabase(client);
      await migrateWithin(client, migrations.slice(0, manifest.migrations.length));
      const loader = new TableLoader(client);
      await loader.open(manifest.entries.filter((entry) => entry.kind === 'table'));
      const again = await backup.read(() => async (entry, content) => {
        options.signal.throwIfAborted();
        if (entry.kind === 'table') return await loader.load(entry, content());
        const pieces: Buffer[] = [];
        for await (const piece of content()) pieces.push(piece);
        await placeKeptFile(building, entry, Buffer.concat(pieces), options.users);
      });
      if (!isDeepStrictEqual(again, manifest)) throw new BackupFailure('the file was changed while it was read');
      await loader.close(manifest.sequences);
      const { applied } = await migrateWithin(client, migrations);
      await markRestored(client, manifest);
      await client.query('commit');
      return applied;
    } catch (cause) {
      if (cause instanceof BackupFailure || options.signal.aborted) throw cause;
      throw new BackupFailure(`loading the database: ${causeText(cause)}`, { cause });
    }
  });
}

async function requireEmptyDatabase(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S') limit 1`,
  );
  if (rows[0] === undefined) return;
  throw new BackupFailure(
    `the database of DATABASE_URL is not empty (it has ${rows[0].name}): make a new one, or give another DATABASE_URL`,
  );
}

/** The schedule of the machine that is gone names directories of that machine: nothing is expected until one is set here. */
async function markRestored(client: pg.ClientBase, manifest: Manifest): Promise<void> {
  await client.query('delete from backup_schedule');
  const about = JSON.stringify({ madeAt: manifest.createdAt, programVersion: manifest.programVersion });
  await client.query(`update wpc set revision = revision + ${String(jump)}, event_seq = event_seq + ${String(jump)} + 1`);
  await client.query(
    `insert into event (seq, revision, topic, entity, entity_id, payload)
     select event_seq, revision, 'installation.restored', 'installation', $1, $2 from wpc`,
    [manifest.installation.id, about],
  );
  await client.query(
    `insert into audit (principal_kind, principal_name, action, entity, entity_id, after)
     values ('local-root', 'local root', 'restored', 'installation', $1, $2)`,
    [manifest.installation.id, about],
  );
}

async function nameInstallation(building: string, hostname: string | null): Promise<string> {
  const installation = await readInstallation(building);
  if (installation === undefined) throw new BackupFailure('it holds no installation.json');
  if (hostname === null) return installation.hostname;
  await writeInstallation(building, { ...installation, hostname });
  return hostname;
}

/**
 * An empty directory is replaced in one step. What --replace keeps is renamed first: whoever is killed between the two finds it under the
 * name that is given, and nothing is lost.
 */
async function putInPlace(building: string, options: RestoreOptions, occupied: boolean): Promise<string | undefined> {
  const { data } = options;
  const aside = occupied ? `${data}.before-restore-${stampOf(options.now())}` : undefined;
  try {
    if (aside !== undefined) {
      await rename(data, aside);
      await rename(building, data).catch(async (cause: unknown) => {
        await rename(aside, data);
        throw cause;
      });
    } else await rename(building, data);
  } catch (cause) {
    throw new BackupFailure(`putting the restored installation in place at ${data}: ${causeText(cause)}`, { cause });
  }
  const parent = await open(path.dirname(data), 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
  return aside;
}
