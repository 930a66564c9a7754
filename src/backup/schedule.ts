import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BackupSchedule, ScheduledRuns } from '../contract/backup-schedule.ts';
import { scheduledRunsFile, scheduleFile } from '../contract/backup-schedule.ts';
import type { BackupStatus } from '../contract/cli/backup-status.ts';
import { placeFile } from '../supervisor/data-directory.ts';
import { readBackupSchedule, readScheduledRuns } from '../supervisor/kept-backup-files.ts';
import { BackupFailure, causeText } from './backup-failure.ts';
import { ownBackups, scheduledName, scheduledPrefix, surplusBackups } from './backup-name.ts';
import { installationId, readInstallationFiles } from './installation-files.ts';
import { readPassphrase } from './passphrase.ts';
import type { BackupSource, WrittenBackup } from './write-backup.ts';
import { removeUnfinished, writeBackup } from './write-backup.ts';

const owner = { uid: 0, gid: 0, mode: 0o600 } as const;

/** readSchedule gives what was set; undefined: nothing is made by itself. Throws BackupFailure for a file that nobody of us wrote. */
export async function readSchedule(root: string): Promise<BackupSchedule | undefined> {
  return await understood(readBackupSchedule(root));
}

export async function keepSchedule(root: string, schedule: BackupSchedule | undefined): Promise<void> {
  const file = path.join(root, scheduleFile);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  if (schedule === undefined) await rm(file, { force: true });
  else await placeFile(file, `${JSON.stringify(schedule, null, 2)}\n`, owner);
}

/** An attempt of the schedule: its file's name is known before it begins. */
export type Attempt = { readonly file: string; readonly startedAt: Date };

export async function planAttempt(source: BackupSource, directory: string): Promise<Attempt> {
  const id = installationId(await readInstallationFiles(source.directory, source.users));
  const startedAt = source.now();
  return { file: path.join(directory, scheduledName(id, startedAt)), startedAt };
}

/**
 * runScheduled makes one backup as the schedule says and takes the surplus away, but only once the new one was proved. That it is good is
 * kept for the supervisor. Rejects with BackupFailure; see keepFailure.
 */
export async function runScheduled(
  source: BackupSource,
  schedule: BackupSchedule,
  { file, startedAt }: Attempt,
): Promise<WrittenBackup> {
  const passphrase = await readPassphrase(schedule.passphraseFile, 'new');
  // Each has a name of its own; there is one run at a time.
  await removeUnfinished(schedule.directory, scheduledPrefix(file));
  const written = await writeBackup(source, file, { kind: 'passphrase', passphrase });
  if (written === undefined) throw new BackupFailure('the database is empty: start "causeway up" once');
  const lastGood = { at: written.manifest.createdAt, file, bytes: written.bytes };
  await keepRuns(source.directory.root, { lastAt: startedAt.toISOString(), error: null, lastGood });
  await removeSurplus(schedule, written.manifest.installation.id);
  return written;
}

/** keepFailure keeps for the supervisor that an attempt failed, and why. Best effort: on a full disk the supervisor goes by its own clock. */
export async function keepFailure(root: string, startedAt: Date, cause: unknown): Promise<void> {
  const before = await readScheduledRuns(root).catch(() => undefined);
  const lastGood = before?.lastGood ?? null;
  await keepRuns(root, { lastAt: startedAt.toISOString(), error: causeText(cause), lastGood }).catch(() => undefined);
}

/** readBackupStatus is `causeway backup status`: from the files alone, so that it answers while nothing else does. */
export async function readBackupStatus(root: string): Promise<BackupStatus> {
  const schedule = await readSchedule(root);
  const runs = await understood(readScheduledRuns(root));
  const backups: BackupStatus['backups'] = [];
  if (schedule !== undefined) {
    for (const name of ownBackups(await readdir(schedule.directory).catch(() => [])).toReversed()) {
      const file = path.join(schedule.directory, name);
      backups.push({ file, bytes: (await stat(file)).size });
    }
  }
  return { schedule: schedule ?? null, runs: runs ?? null, backups };
}

async function keepRuns(root: string, runs: ScheduledRuns): Promise<void> {
  await mkdir(path.dirname(path.join(root, scheduledRunsFile)), { recursive: true, mode: 0o700 });
  await placeFile(path.join(root, scheduledRunsFile), `${JSON.stringify(runs, null, 2)}\n`, owner);
}

/** A file that cannot be deleted now is tried again after the next backup; a good backup is no failure for it. */
async function removeSurplus({ directory, keep }: BackupSchedule, id: string): Promise<void> {
  for (const name of surplusBackups(await readdir(directory), id, keep))
    await rm(path.join(directory, name), { force: true }).catch(() => undefined);
}

async function understood<Kept>(reading: Promise<Kept>): Promise<Kept> {
  return await reading.catch((cause: unknown) => {
    throw new BackupFailure(causeText(cause), { cause });
  });
}
