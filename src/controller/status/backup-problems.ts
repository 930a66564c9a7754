import type { StatusProblem } from '../../contract/cli/status.ts';
import type { Reader } from '../store/database.ts';

/** Beside what a schedule promises: the time that a large one takes, and a restart of the machine. */
const grace_ms = 3_600_000;

/** backupProblems is what is wrong with the backups that were asked for; where none were, nothing is: copies may be made by other means. */
export async function backupProblems(reader: Reader, now: Date): Promise<StatusProblem[]> {
  const schedule = await reader.selectFrom('backup_schedule').selectAll().executeTakeFirst();
  if (schedule === undefined) return [];
  const runs = reader.selectFrom('backup_run').selectAll().orderBy('started_at', 'desc').orderBy('id', 'desc').limit(1);
  const last = await runs.where('kind', '=', 'scheduled').executeTakeFirst();
  const good = await runs.where('error', 'is', null).executeTakeFirst();
  const lastGood = good === undefined ? 'There is no good one yet' : `The last good one is of ${good.ended_at.toISOString()}`;
  if (last !== undefined && last.error !== null) {
    return [
      {
        code: 'backup-failed',
        message: `The backup of ${last.started_at.toISOString()} failed: ${last.error}. ${lastGood}; it is tried again within the hour, and causeway backup status on the controller's machine says more.`,
      },
    ];
  }
  const expected_ms = (good?.started_at ?? schedule.set_at).getTime() + schedule.every_s * 1000 + grace_ms;
  if (now.getTime() <= expected_ms) return [];
  return [
    {
      code: 'backup-overdue',
      message: `A backup to ${schedule.directory} is overdue since ${new Date(expected_ms - grace_ms).toISOString()}. ${lastGood}; look at the lines of "backup" in the log of causeway up.`,
    },
  ];
}
