/** What `causeway backup status --json` prints. Stable: fields may be added, none change. Explained for users in docs/json.md. */
import { z } from 'zod';
import { backupSchedule, scheduledRuns } from '../backup-schedule.ts';

export const backupStatus = z.object({
  /** null: none is made by itself. */
  schedule: backupSchedule.nullable(),
  /** null: none was made yet. */
  runs: scheduledRuns.nullable(),
  /** Those that the schedule has made and kept, the newest first. */
  backups: z.array(z.object({ file: z.string(), bytes: z.int() })),
});
export type BackupStatus = z.infer<typeof backupStatus>;
