import path from 'node:path';
import { packageDirectory } from '../postgres/binaries.ts';
import { clusterVersion, packageMajor } from '../postgres/cluster-version.ts';
import { keepBinaries, keptPackage } from '../postgres/kept-binaries.ts';
import { stopLeftoverServer } from '../postgres/leftover-server.ts';
import { clusterBeingMade, finishReplacing, removeOldClusters } from '../postgres/replace-cluster.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Log } from './log.ts';
import { postgresPackage } from './postgres-process.ts';
import type { ProcessPlans } from './process-plans.ts';
import { runTask } from './run-task.ts';
import type { SchemaUpgrade } from './schema-upgrade.ts';

type Options = {
  readonly directory: DataDirectory;
  readonly checkout: string;
  readonly plans: ProcessPlans;
  readonly upgrade: SchemaUpgrade;
  readonly backUp: boolean;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/**
 * upgradeDatabase brings a cluster of an earlier major version to that of this program (decision 104), before its server is started. Usually
 * there is nothing to do. Rejects with why it could not be done; the old cluster is then as it was.
 */
export async function upgradeDatabase({ directory, checkout, plans, upgrade, backUp, log, signal }: Options): Promise<void> {
  const { data } = directory.postgres;
  await finishReplacing(data);
  const found = await clusterVersion(data);
  const newPackage = postgresPackage(checkout);
  const ours = await packageMajor(newPackage);
  // What else can be wrong has been said by the check before the start (database-check.ts).
  if (found.kind !== 'major' || found.major >= ours) return;
  const what = `moving the database from PostgreSQL ${String(found.major)} to ${String(ours)}`;
  log.info(`${what}; the old one stays as it is until the new one is complete`);
  const startedAt = performance.now();
  // What a start that was killed has left running; the program that follows has not the rights to look at it.
  for (const cluster of [data, clusterBeingMade(data)]) await stopLeftoverServer(cluster);
  const oldPackage = keptPackage(path.dirname(data), found.major);
  const file = await runTask(plans.nextMajor({ oldPackage, newPackage, backUp }), log, signal).catch((cause: unknown) => {
    throw new Error(`${what}, which left the old one as it was`, { cause });
  });
  if (file !== '') await upgrade.keepBackup(file);
  log.info('moved the database', { ms: Math.round(performance.now() - startedAt), backup: file === '' ? null : file });
}

/** tidyDatabase keeps this server's programs for a later version, and removes clusters that are no longer wanted. For after a good start. */
export async function tidyDatabase(directory: DataDirectory, log: Log): Promise<void> {
  const { data } = directory.postgres;
  try {
    // Not by way of the view: a link across mounts is a copy.
    await keepBinaries(packageDirectory(), path.dirname(data));
    for (const removed of await removeOldClusters(data, new Date()))
      log.info('removed the database of before its upgrade', { directory: removed });
  } catch (cause) {
    log.warn('the programs of the database could not be kept for a later version; the next start tries again', {
      because: cause instanceof Error ? cause.message : String(cause),
    });
  }
}
