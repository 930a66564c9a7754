import type { BackupSchedule } from '../contract/backup-schedule.ts';
import type { BackupStatus } from '../contract/cli/backup-status.ts';
import type { Manifest } from './archive/manifest.ts';
import type { Restored } from './restore-backup.ts';
import { sizeText } from './size-text.ts';
import type { WrittenBackup } from './write-backup.ts';

/** describeWritten is what a person reads after a backup. */
export function describeWritten({ file, bytes, manifest }: WrittenBackup, milliseconds: number): string {
  return `wrote ${file}: ${sizeText(bytes)}, ${contentsOf(manifest)}, read back and proved in ${seconds(milliseconds)}\n`;
}

/** describeManifest is `causeway backup show`. */
export function describeManifest(manifest: Manifest, bytes: number): string {
  const { installation, migrations, programVersion, postgres, createdAt } = manifest;
  const rows: (readonly [string, string])[] = [
    ['made at', createdAt],
    ['of', `${installation.hostname}, installation ${installation.id.slice(0, 16)}`],
    ['by', `Causeway ${programVersion}, schema ${migrations.at(-1)?.name ?? ''}, PostgreSQL ${postgres}`],
    ['format', String(manifest.formatVersion)],
    ['size', `${sizeText(bytes)}, ${contentsOf(manifest)}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(8)} ${value}\n`).join('');
}

/** describeRestored says what was done and what comes next. */
export function describeRestored(
  { manifest, hostname, keptAside, migrated }: Restored,
  { data, milliseconds }: { readonly data: string; readonly milliseconds: number },
): string {
  const lines = [
    `restored ${data} from the backup of ${manifest.createdAt}: ${contentsOf(manifest)}, in ${seconds(milliseconds)}`,
    ...(migrated.length === 0 ? [] : [`brought to this version's schema: ${migrated.join(', ')}`]),
    ...(keptAside === undefined ? [] : [`what was there before is kept in ${keptAside}; delete it when you need it no more`]),
    `next: causeway up --data ${data} --hostname ${hostname}, with the --listen and --vpn-port of before`,
    'connectors and profiles connect when that name or address leads here; keep the machine of before off',
    'what was changed after the backup is not in it: revoke anew what was revoked since, and install connectors anew that were made since',
    'scheduled backups are not set up on this machine: causeway backup --every 1d --keep 14 --to DIR --passphrase-file FILE',
  ];
  return `${lines.join('\n')}\n`;
}

/** describeSchedule says what will happen by itself from now on. */
export function describeSchedule({ everySeconds, keep, directory }: BackupSchedule): string {
  return `one is written every ${intervalText(everySeconds)} from now on while "up" runs, and the newest ${String(keep)} stay in ${directory}\n`;
}

/** describeStatus is `causeway backup status`. */
export function describeStatus({ schedule, runs, backups }: BackupStatus): string {
  if (schedule === null)
    return 'No backups are made by themselves: causeway backup --every 1d --keep 14 --to DIR --passphrase-file FILE\n';
  const good = runs?.lastGood ?? null;
  const lines = [
    `Every ${intervalText(schedule.everySeconds)} to ${schedule.directory}, the newest ${String(schedule.keep)} stay.`,
    good === null ? 'None was made yet.' : `The last good one: ${good.at}, ${sizeText(good.bytes)}, ${good.file}`,
    ...(runs === null || runs.error === null ? [] : [`The last attempt, ${runs.lastAt}, failed: ${runs.error}`]),
    ...backups.map(({ file, bytes }) => `  ${sizeText(bytes).padStart(8)}  ${file}`),
  ];
  return `${lines.join('\n')}\n`;
}

function intervalText(total: number): string {
  const [unit, length] = (
    [
      ['d', 86_400],
      ['h', 3600],
    ] as const
  ).find(([, size]) => total % size === 0) ?? ['m', 60];
  return `${String(Math.round(total / length))}${unit}`;
}

function contentsOf({ entries }: Manifest): string {
  const tables = entries.filter((entry) => entry.kind === 'table');
  const rows = tables.reduce((sum, entry) => sum + entry.rows, 0);
  return `${String(entries.length - tables.length)} files, ${String(rows)} rows in ${String(tables.length)} tables`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
