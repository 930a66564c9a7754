import type { BackupSchedule, ScheduledRuns } from '../contract/backup-schedule.ts';

/** What failed is tried again after this, or after the schedule's own time where that is shorter. */
const retry_ms = 3_600_000;

/**
 * backupDueAt says when the next backup is to be made: one interval after the last began; at once where there was none, or where it lies in
 * the future (the clock was set back: nothing then says how long ago it was). What was due while "up" did not run is due now, once.
 */
export function backupDueAt(schedule: BackupSchedule, runs: ScheduledRuns | undefined, now: Date): Date {
  if (runs === undefined) return now;
  const last = Date.parse(runs.lastAt);
  if (last > now.getTime()) return now;
  const interval_ms = schedule.everySeconds * 1000;
  return new Date(last + (runs.error === null ? interval_ms : Math.min(retry_ms, interval_ms)));
}
