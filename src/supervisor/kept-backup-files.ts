import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import type { BackupSchedule, ScheduledRuns } from '../contract/backup-schedule.ts';
import { backupSchedule, scheduledRuns, scheduledRunsFile, scheduleFile } from '../contract/backup-schedule.ts';
import { errorCode } from './data-directory.ts';

/** readBackupSchedule gives what was set; undefined: nothing is made by itself. Rejects where the file cannot be read or is damaged. */
export async function readBackupSchedule(root: string): Promise<BackupSchedule | undefined> {
  return await readKept(path.join(root, scheduleFile), backupSchedule);
}

/** readScheduledRuns gives what came of the schedule; undefined before its first run. Rejects as above. */
export async function readScheduledRuns(root: string): Promise<ScheduledRuns | undefined> {
  return await readKept(path.join(root, scheduledRunsFile), scheduledRuns);
}

async function readKept<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw new Error(`reading ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${file} is damaged: set the schedule anew with causeway backup --every`, { cause });
  }
}
