/**
 * src/backup writes, proves and restores backups of an installation (docs/backup.md, docs/decisions/0102): `causeway backup` and `causeway
 * restore` become this program, and the supervisor starts it for what the schedule asks. It runs as root on the controller's machine,
 * beside a running installation or in its place.
 *
 * Started with one JSON argument (contract/cli/backup-options.ts). What needs the directory for itself takes its lock and a mount namespace
 * as `up` does and becomes its second stage, `[OPTIONS, MOUNT-MODE]`. stdout is the answer. Exit: 0 done, 1 failed, 2 used wrongly,
 * 4 root is missing.
 *
 * Tests: `node --test 'src/backup/**\/*.test.ts'` (integration tests as root).
 */
import { backupOptions } from '../contract/cli/backup-options.ts';
import { isMountMode } from '../supervisor/enter-mount-view.ts';
import { BackupFailure, causeText } from './backup-failure.ts';
import { runBackup } from './run-backup.ts';

const [json = '', mode] = process.argv.slice(2);
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());

try {
  await runBackup(backupOptions.parse(JSON.parse(json)), {
    program: import.meta.filename,
    mountMode: isMountMode(mode) ? mode : undefined,
    databaseUrl: process.env['DATABASE_URL'],
    now: () => new Date(),
    signal: stopping.signal,
    writeOut: (text) => void process.stdout.write(text),
    writeErr: (text) => void process.stderr.write(text),
  });
} catch (cause) {
  process.exitCode = cause instanceof BackupFailure ? cause.exitCode : 1;
  const why = stopping.signal.aborted ? 'stopped by a signal; nothing was left behind' : causeText(cause);
  process.stderr.write(`causeway: ${why}\n`);
  if (!(cause instanceof BackupFailure) && !stopping.signal.aborted && cause instanceof Error)
    process.stderr.write(`${cause.stack ?? ''}\n`);
}
