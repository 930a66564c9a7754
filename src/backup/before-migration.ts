import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { stampOf } from './backup-name.ts';
import type { BackupSource, WrittenBackup } from './write-backup.ts';
import { removeUnfinished, writeBackup } from './write-backup.ts';

/** How many of them are kept: the newest can be a failed upgrade's own, and then the one before it is wanted. */
const kept = 3;

const name = /^before-migration-\d{8}T\d{6}Z\.tar\.zst$/;

/**
 * backUpBeforeMigration keeps the installation as it is before its schema is changed: DIR/backups, root's alone, not encrypted, since all
 * that it holds lies in the same directory under the same protection. The newest three stay. Undefined where there is no schema yet.
 * Rejects with BackupFailure, and has changed nothing then.
 */
export async function backUpBeforeMigration(source: BackupSource): Promise<WrittenBackup | undefined> {
  const directory = path.join(source.directory.root, 'backups');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  await removeUnfinished(directory, 'before-migration-');
  const file = path.join(directory, `before-migration-${stampOf(source.now())}.tar.zst`);
  const written = await writeBackup(source, file, { kind: 'none' });
  if (written === undefined) return undefined;
  const all = (await readdir(directory)).filter((entry) => name.test(entry)).toSorted();
  for (const old of all.slice(0, -kept)) await rm(path.join(directory, old), { force: true });
  return written;
}
