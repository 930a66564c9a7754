import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupSchedule, ScheduledRuns } from '../contract/backup-schedule.ts';
import { backupDueAt } from './backup-due.ts';

const now = new Date('2026-11-27T12:00:00Z');
const schedule = (everySeconds: number): BackupSchedule => ({
  everySeconds,
  keep: 14,
  directory: '/srv/backup',
  passphraseFile: '/root/passphrase',
  setAt: '2026-11-01T00:00:00Z',
});
const ran = (lastAt: string, error: string | null = null): ScheduledRuns => ({ lastAt, error, lastGood: null });
const day = 86_400;

const cases: readonly (readonly [string, BackupSchedule, ScheduledRuns | undefined, string])[] = [
  ['at once where there was none', schedule(day), undefined, '2026-11-27T12:00:00Z'],
  ['one interval after the last', schedule(day), ran('2026-11-27T11:00:00Z'), '2026-11-28T11:00:00Z'],
  ['once, however many were missed', schedule(day), ran('2026-10-01T00:00:00Z'), '2026-10-02T00:00:00Z'],
  ['an hour after a failure', schedule(day), ran('2026-11-27T11:30:00Z', 'disk full'), '2026-11-27T12:30:00Z'],
  ['sooner where the schedule is', schedule(900), ran('2026-11-27T11:50:00Z', 'disk full'), '2026-11-27T12:05:00Z'],
  ['at once where the clock was set back', schedule(day), ran('2027-11-27T11:50:00Z'), '2026-11-27T12:00:00Z'],
];

for (const [name, plan, runs, due] of cases) {
  test(`a backup is due ${name}`, () => {
    assert.equal(backupDueAt(plan, runs, now).getTime(), Date.parse(due));
  });
}
