import { chown, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { migrateWithin, readMigrations } from '../../controller/store/migrate.ts';
import type { Migration } from '../../controller/store/migrate.ts';
import { connectionString, startEmbeddedPostgres } from '../../postgres/embedded-postgres.ts';
import { stopLeftoverServer } from '../../postgres/leftover-server.ts';
import { clusterBeingMade, replaceCluster } from '../../postgres/replace-cluster.ts';
import type { DataDirectory } from '../../supervisor/data-directory.ts';
import type { SystemUsers } from '../../supervisor/system-users.ts';
import { BackupFailure } from '../backup-failure.ts';
import { backUpBeforeMigration } from '../before-migration.ts';
import type { Dump } from '../tables/dump-tables.ts';
import { withClient, withDump } from '../tables/dump-tables.ts';
import { TableLoader } from '../tables/load-tables.ts';

export type ClusterUpgrade = {
  readonly directory: DataDirectory;
  readonly users: SystemUsers;
  /** Packages with the programs of the old and of the new major version, readable by the database's user. */
  readonly oldPackage: string;
  readonly newPackage: string;
  readonly backUp: boolean;
  readonly programVersion: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
};

/**
 * upgradeCluster moves the database to the next major version of PostgreSQL: the old cluster is run by its own programs and copied, table by
 * table, into a new one that is made beside it; what both hold is compared, and only then the new one takes the old one's place. The
 * schema stays what it is. Gives the file of the backup that it makes first, undefined without one. Nobody else runs either cluster.
 *
 * Until the last step the old cluster is not touched, whatever ends this; a second call begins anew. See docs/decisions/0104.
 */
export async function upgradeCluster(upgrade: ClusterUpgrade): Promise<string | undefined> {
  const { data } = upgrade.directory.postgres;
  const building = clusterBeingMade(data);
  await stopLeftoverServer(building);
  await rm(building, { recursive: true, force: true });
  const migrations = await readMigrations();
  const file = await withServer(upgrade, { cluster: data, package: upgrade.oldPackage, name: 'o' }, async (oldUrl) => {
    const written = upgrade.backUp ? await backUpBeforeMigration({ ...upgrade, databaseUrl: oldUrl }) : undefined;
    await withServer(upgrade, { cluster: building, package: upgrade.newPackage, name: 'n' }, async (newUrl) => {
      const copied = await withDump(oldUrl, async (dump) => {
        await load(newUrl, dump, migrations, upgrade.signal);
        return contentOf(dump);
      });
      const loaded = await withDump(newUrl, async (dump) => await Promise.resolve(contentOf(dump)));
      // Both undefined: the old one had no schema yet, so there was nothing to copy.
      if (!isDeepStrictEqual(copied, loaded)) throw new BackupFailure('the new database does not hold what the old one does');
    });
    return written?.file;
  });
  upgrade.signal.throwIfAborted();
  await replaceCluster(data);
  return file;
}

type Server = {
  readonly cluster: string;
  readonly package: string;
  /** Short: with the longest data directory a socket's path has 102 bytes, and 107 are allowed. */
  readonly name: 'o' | 'n';
};

async function withServer<Result>(
  { directory, users: { database } }: ClusterUpgrade,
  server: Server,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const at = path.join(path.dirname(directory.postgres.data), server.name);
  const [socketDir, libraryDir] = [path.join(at, 's'), path.join(at, 'l')];
  await rm(at, { recursive: true, force: true });
  await mkdir(at, { mode: 0o755 });
  await mkdir(socketDir, { mode: 0o750 });
  await chown(socketDir, database.uid, database.gid);
  const running = await startEmbeddedPostgres({
    dataDir: server.cluster,
    socketDir,
    libraryDir,
    user: database,
    packageDir: server.package,
    durable: true,
  });
  try {
    return await use(connectionString(socketDir));
  } finally {
    // In order, with a checkpoint: what was loaded is on the disk then.
    await running.stop();
    await rm(at, { recursive: true, force: true });
  }
}

/** One transaction: a cluster that was cut off here is empty. */
async function load(url: string, dump: Dump, migrations: readonly Migration[], signal: AbortSignal): Promise<void> {
  const known = migrations.slice(0, dump.migrations.length);
  for (const [index, { name, sha256 }] of dump.migrations.entries()) {
    if (known[index]?.sha256 === sha256) continue;
    throw new BackupFailure(`the database has ${name}, which this version does not know: start the version that ran last`);
  }
  await withClient(url, async (client) => {
    await client.query('begin');
    await migrateWithin(client, known);
    const loader = new TableLoader(client);
    await loader.open(dump.tables);
    for (const table of dump.tables) {
      signal.throwIfAborted();
      await loader.load(table, dump.rows(table));
    }
    await loader.close(dump.sequences);
    await client.query('commit');
  });
}

/** What has to be the same on both sides: every row of every table, by length, number and checksum, and what numbers come next. */
function contentOf({ tables, sequences }: Dump) {
  return { tables, sequences };
}
