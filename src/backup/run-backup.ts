import { mkdir, rmdir } from 'node:fs/promises';
import type { BackupSchedule } from '../contract/backup-schedule.ts';
import type { BackupOptions } from '../contract/cli/backup-options.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { isInUse, resolveDataDirectory } from '../supervisor/data-directory-check.ts';
import { dataDirectoryAt } from '../supervisor/data-directory.ts';
import type { MountMode } from '../supervisor/enter-mount-view.ts';
import { chooseMountMode, enterMountView } from '../supervisor/enter-mount-view.ts';
import { ensureSystemUsers } from '../supervisor/system-users.ts';
import { openBackup, prove } from './archive/open-backup.ts';
import { BackupFailure, causeText } from './backup-failure.ts';
import { backUpBeforeMigration } from './before-migration.ts';
import { describeManifest, describeRestored, describeSchedule, describeStatus, describeWritten } from './backup-text.ts';
import { findDatabase } from './find-database.ts';
import { readPassphrase } from './passphrase.ts';
import { withPrivateServer } from './private-server.ts';
import { recordRun, recordSchedule } from './record-run.ts';
import type { FinishedRun } from './record-run.ts';
import { restoreBackup } from './restore-backup.ts';
import { keepFailure, keepSchedule, planAttempt, readBackupStatus, readSchedule, runScheduled } from './schedule.ts';
import type { BackupSource, WrittenBackup } from './write-backup.ts';
import { writeBackup } from './write-backup.ts';

/** What the program has of the process that it runs in. */
export type Run = {
  /** The file that starts it anew. */
  readonly program: string;
  /** Set in the second stage. */
  readonly mountMode: MountMode | undefined;
  readonly databaseUrl: string | undefined;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
};

/** runBackup does what the options ask for; rejects with BackupFailure for whatever somebody can mend. */
export async function runBackup(options: BackupOptions, run: Run): Promise<void> {
  switch (options.action) {
    case 'create':
      return await create(options, run);
    case 'restore':
      return await restore(options, run);
    case 'verify':
    case 'show':
      return await look(options, run);
    case 'before-migration':
      return await beforeMigration(options, run);
    case 'schedule':
      return await schedule(options, run);
    case 'unschedule':
      return await unschedule(options, run);
    case 'scheduled':
      return await scheduled(options, run);
    case 'status':
      return await status(options, run);
  }
}

type Of<Action extends BackupOptions['action']> = Extract<BackupOptions, { action: Action }>;

async function create(options: Of<'create'>, run: Run): Promise<void> {
  requireRoot('a backup holds the keys of every process, which only root can read');
  await withSource(options, run, async (source) => {
    const passphrase = await readPassphrase(options.passphraseFile, 'new');
    const startedAt = run.now();
    const written = await writeBackup(source, options.file, { kind: 'passphrase', passphrase });
    if (written === undefined) throw new BackupFailure('the database is empty: start "causeway up" once');
    await tell(run, async () =>
      recordRun(source.databaseUrl, { ...outcomeOf(written), kind: 'by-hand', startedAt, endedAt: run.now() }),
    );
    run.writeOut(describeWritten(written, run.now().getTime() - startedAt.getTime()));
  });
}

async function schedule(options: Of<'schedule'>, run: Run): Promise<void> {
  requireRoot('the installation keeps it where only root may write');
  await withSource(options, run, async (source) => {
    const { everySeconds, keep, directory, passphraseFile } = options;
    const wanted: BackupSchedule = { everySeconds, keep, directory, passphraseFile, setAt: run.now().toISOString() };
    // The first one now: who sets it is there to read what is wrong with the directory or the passphrase.
    const attempt = await planAttempt(source, directory);
    const written = await runScheduled(source, wanted, attempt);
    await keepSchedule(source.directory.root, wanted);
    await tell(run, async () => {
      await recordSchedule(source.databaseUrl, wanted);
      await recordRun(source.databaseUrl, {
        ...outcomeOf(written),
        kind: 'scheduled',
        startedAt: attempt.startedAt,
        endedAt: run.now(),
      });
    });
    run.writeOut(describeWritten(written, run.now().getTime() - attempt.startedAt.getTime()));
    run.writeOut(describeSchedule(wanted));
  });
}

async function unschedule(options: Of<'unschedule'>, run: Run): Promise<void> {
  requireRoot('the installation keeps it where only root may write');
  const data = await resolveDataDirectory(options.data);
  const was = await readSchedule(data);
  // The database first: with a stopped installation this begins anew in the second stage. If it cannot be told, status goes on to expect
  // backups, which is said, and the command can be given again.
  await tell(run, async () => await withSource(options, run, async (source) => await recordSchedule(source.databaseUrl, null)));
  await keepSchedule(data, undefined);
  run.writeOut(
    was === undefined ? 'no backups were scheduled\n' : 'no more backups are made by themselves; those that were made stay\n',
  );
}

async function scheduled(options: Of<'scheduled'>, run: Run): Promise<void> {
  requireRoot('a backup holds the keys of every process, which only root can read');
  const data = await resolveDataDirectory(options.data);
  const wanted = await readSchedule(data);
  if (wanted === undefined) return;
  const startedAt = run.now();
  try {
    await withSource(options, run, async (source) => await attemptScheduled(source, wanted, run));
  } catch (cause) {
    // Told to stop: that is no failure, and the next start does it.
    if (!run.signal.aborted) await keepFailure(data, startedAt, cause);
    throw cause;
  }
}

async function attemptScheduled(source: BackupSource, wanted: BackupSchedule, run: Run): Promise<void> {
  const attempt = await planAttempt(source, wanted.directory);
  const record = async (outcome: Pick<FinishedRun, 'outcome'>) =>
    await tell(run, async () => recordRun(source.databaseUrl, { kind: 'scheduled', ...attempt, endedAt: run.now(), ...outcome }));
  try {
    const written = await runScheduled(source, wanted, attempt);
    await record(outcomeOf(written));
    run.writeOut(describeWritten(written, run.now().getTime() - attempt.startedAt.getTime()));
  } catch (cause) {
    if (!run.signal.aborted) await record({ outcome: { error: causeText(cause) } });
    throw cause;
  }
}

async function status({ data, json }: Of<'status'>, run: Run): Promise<void> {
  requireRoot('only root may look into it');
  const found = await readBackupStatus(await resolveDataDirectory(data));
  run.writeOut(json ? `${JSON.stringify(found)}\n` : describeStatus(found));
}

function outcomeOf({ file, bytes }: WrittenBackup): Pick<FinishedRun, 'file' | 'outcome'> {
  return { file, outcome: { bytes } };
}

/** The database may be of an earlier version that has no table for it, or away: what was done is done all the same. */
async function tell(run: Run, telling: () => Promise<void>): Promise<void> {
  await telling().catch((cause: unknown) =>
    run.writeErr(`causeway: it is done, but the database could not be told of it: ${causeText(cause)}\n`),
  );
}

async function beforeMigration(options: Of<'before-migration'>, run: Run): Promise<void> {
  requireRoot('only root can write into the data directory');
  await withSource(options, run, async (source) => {
    const written = await backUpBeforeMigration(source);
    if (written !== undefined) run.writeOut(`${written.file}\n`);
  });
}

async function look({ action, file, passphraseFile, ...how }: Of<'verify'> | Of<'show'>, run: Run): Promise<void> {
  await using backup = await openBackup(file, async () => await readPassphrase(passphraseFile, 'known'));
  if (action === 'verify') {
    await backup.read(prove);
    return run.writeOut(`${file} is whole: every length, checksum and number of rows is what its manifest says\n`);
  }
  const manifest = await backup.manifest();
  run.writeOut('json' in how && how.json ? `${JSON.stringify(manifest)}\n` : describeManifest(manifest, backup.bytes));
}

async function restore(options: Of<'restore'>, run: Run): Promise<void> {
  requireRoot('it makes files for the users of every process');
  const data = await resolveDataDirectory(options.data);
  if (run.mountMode === undefined) {
    const isNew = await makeDirectory(data);
    if (await isInUse(data))
      throw new BackupFailure(`"causeway up" runs on ${data}: stop it first, or restore into another directory with --data`);
    return await becomeSecondStage(data, run, { ...options, data, isNew });
  }
  const startedAt = performance.now();
  try {
    await using backup = await openBackup(options.file, async () => await readPassphrase(options.passphraseFile, 'known'));
    const restored = await restoreBackup(backup, {
      data,
      replace: options.replace,
      hostname: options.hostname,
      databaseUrl: run.databaseUrl,
      users: await ensureSystemUsers(),
      mountMode: run.mountMode,
      now: run.now,
      signal: run.signal,
    });
    run.writeOut(describeRestored(restored, { data, milliseconds: performance.now() - startedAt }));
  } catch (cause) {
    // Empty, or it would not have been new: what a failed restore has made is gone.
    if (options.isNew) await rmdir(data).catch(() => undefined);
    throw cause;
  }
}

/** The installation as a source: beside `up` while that runs, else with its lock held and its server started for the time. */
async function withSource(
  options: Extract<BackupOptions, { data: string }>,
  run: Run,
  use: (source: BackupSource) => Promise<void>,
): Promise<void> {
  const data = await resolveDataDirectory(options.data);
  const directory = dataDirectoryAt(data);
  const source = { directory, programVersion: packageJson.version, now: run.now, signal: run.signal };
  if (run.mountMode !== undefined) {
    const users = await ensureSystemUsers();
    return await withPrivateServer(
      { cluster: directory.postgres.data, user: users.database, mountMode: run.mountMode },
      async (databaseUrl) => await use({ ...source, users, databaseUrl }),
    );
  }
  const place = await findDatabase(directory, run.databaseUrl);
  if (place.kind === 'stopped') return await becomeSecondStage(data, run, options);
  await use({ ...source, users: await ensureSystemUsers(), databaseUrl: place.url });
}

async function becomeSecondStage(data: string, run: Run, options: BackupOptions): Promise<never> {
  return await enterMountView(await chooseMountMode(), data, [run.program, JSON.stringify(options)]);
}

/** True where there was none; the lock needs one. */
async function makeDirectory(data: string): Promise<boolean> {
  return (await mkdir(data, { recursive: true, mode: 0o755 })) !== undefined;
}

function requireRoot(why: string): void {
  if (process.getuid?.() === 0) return;
  throw new BackupFailure(`this has to run as root on the controller's machine: ${why}`, { exitCode: 4 });
}
