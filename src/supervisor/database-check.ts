import { stat } from 'node:fs/promises';
import path from 'node:path';
import { programText, wayBack } from '../contract/run-history.ts';
import { packageDirectory } from '../postgres/binaries.ts';
import { clusterVersion, packageMajor } from '../postgres/cluster-version.ts';
import { keptPackage } from '../postgres/kept-binaries.ts';
import { dataDirectoryAt } from './data-directory.ts';
import { readHistory } from './history.ts';
import type { Log } from './log.ts';
import { restoreCommand } from './restore-command.ts';
import type { Problem } from './start-failure.ts';

/** Nobody has to read it twice: the start itself says it again. */
const silent: Log = { info: () => undefined, warn: () => undefined, relay: () => undefined, of: () => silent };

/**
 * checkDatabase says why the private database of this directory cannot be run: it is of a major version that this program does not come with,
 * and of which no programs are at hand. What is of an earlier one, with its programs beside it, is no problem (decision 104).
 */
export async function checkDatabase(dataDirectory: string): Promise<Problem | undefined> {
  const { data } = dataDirectoryAt(dataDirectory).postgres;
  const found = await clusterVersion(data);
  if (found.kind === 'none') return undefined;
  const ours = await packageMajor(packageDirectory());
  const comes = `this version of Causeway comes with PostgreSQL ${String(ours)}`;
  if (found.kind === 'unknown') {
    return {
      exitCode: 1,
      sentence: `${data} is no database that can be run: its PG_VERSION says ${JSON.stringify(found.text)}, and ${comes}. Nothing was changed; restore a backup (${restoreCommand('FILE', dataDirectory)}).`,
    };
  }
  if (found.major === ours) return undefined;
  if (found.major > ours) {
    const backup = wayBack(await readHistory(dataDirectory, silent), '9999_any.sql');
    const made =
      backup === undefined || backup.version === null ? '' : ` (of ${programText({ ...backup, version: backup.version })})`;
    return {
      exitCode: 1,
      sentence: `the database in ${data} is of PostgreSQL ${String(found.major)}, and ${comes}, which cannot read it. Nothing was changed; start the version that ran last, or go back to a backup: ${restoreCommand(backup?.file ?? 'FILE', dataDirectory)}${made}.`,
    };
  }
  const kept = keptPackage(path.dirname(data), found.major);
  const isThere = await stat(path.join(kept, 'package.json')).then(
    () => true,
    () => false,
  );
  if (isThere) return undefined;
  return {
    exitCode: 1,
    sentence: `the database in ${data} is of PostgreSQL ${String(found.major)}, ${comes}, and the programs that can read it are not in ${kept}. Nothing was changed; start the version that ran last once more, which puts them there, or restore a backup with this one (${restoreCommand('FILE', dataDirectory)}).`,
  };
}
