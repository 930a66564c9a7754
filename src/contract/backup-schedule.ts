/**
 * How often an installation is backed up, as src/backup keeps it for the supervisor: two files in DIR/backups, root's alone. What was asked
 * for and what came of it are apart, since they are written at different times.
 */
import { z } from 'zod';
import { everySeconds, longestKeep } from './cli/backup-options.ts';

const absolute = z.string().startsWith('/');

export const backupSchedule = z.object({
  everySeconds,
  keep: z.int().min(1).max(longestKeep),
  /** Where they lie. */
  directory: absolute,
  /** The passphrase stays where the operator has it, and is read for each backup. */
  passphraseFile: absolute,
  setAt: z.iso.datetime(),
});
export type BackupSchedule = z.infer<typeof backupSchedule>;

export const scheduledRuns = z.object({
  /** The beginning of the last one, good or not. */
  lastAt: z.iso.datetime(),
  /** Why the last one failed; null if it did not. */
  error: z.string().nullable(),
  lastGood: z.object({ at: z.iso.datetime(), file: absolute, bytes: z.int() }).nullable(),
});
export type ScheduledRuns = z.infer<typeof scheduledRuns>;

/** Names below the data directory. */
export const scheduleFile = 'backups/schedule.json';
export const scheduledRunsFile = 'backups/scheduled-runs.json';
