import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { clusterVersion } from './cluster-version.ts';

/** How long the cluster of before stays, for whoever finds out late that something is missing. */
const kept_ms = 7 * 24 * 3_600_000;

/** clusterBeingMade is where the cluster of the next major version is made; what is in it is not complete, and may be removed. */
export function clusterBeingMade(dataDir: string): string {
  return `${dataDir}.upgrading`;
}

/** It has this name when it is complete: from then on it is the one that counts. */
function completeCluster(dataDir: string): string {
  return `${dataDir}.upgraded`;
}

/** replaceCluster puts the cluster that was made in the place of the old one, which stays beside it as `data-MAJOR`. Nothing runs on either. */
export async function replaceCluster(dataDir: string): Promise<void> {
  await rename(clusterBeingMade(dataDir), completeCluster(dataDir));
  await syncDirectory(path.dirname(dataDir));
  await finishReplacing(dataDir);
}

/**
 * finishReplacing does what a replaceCluster that was cut off has left to do; usually nothing. Before every start: between the two renames
 * there is no cluster at its place, and one that is made there then would be empty.
 */
export async function finishReplacing(dataDir: string): Promise<void> {
  const complete = completeCluster(dataDir);
  if ((await clusterVersion(complete)).kind !== 'major') return;
  const old = await clusterVersion(dataDir);
  if (old.kind === 'major') {
    const aside = `${dataDir}-${String(old.major)}`;
    await rm(aside, { recursive: true, force: true });
    await rename(dataDir, aside);
  }
  await rename(complete, dataDir);
  await syncDirectory(path.dirname(dataDir));
}

/** removeOldClusters removes clusters of before that were put aside a week ago or earlier, and gives their names. For a start that has worked. */
export async function removeOldClusters(dataDir: string, now: Date): Promise<string[]> {
  const parent = path.dirname(dataDir);
  const pattern = new RegExp(`^${path.basename(dataDir)}-\\d+$`);
  const removed: string[] = [];
  for (const name of await readdir(parent)) {
    if (!pattern.test(name)) continue;
    const directory = path.join(parent, name);
    // Renaming is the last that changed it.
    const { ctimeMs } = await stat(directory);
    if (now.getTime() - ctimeMs < kept_ms) continue;
    await rm(directory, { recursive: true, force: true });
    removed.push(directory);
  }
  return removed;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
