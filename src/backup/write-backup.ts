import { link, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { DataDirectory } from '../supervisor/data-directory.ts';
import { errorCode } from '../supervisor/data-directory.ts';
import type { SystemUsers } from '../supervisor/system-users.ts';
import { readInstallation } from '../supervisor/installation.ts';
import { archiveStream } from './archive/archive-stream.ts';
import type { Sealing } from './archive/envelope.ts';
import { seal } from './archive/envelope.ts';
import type { Manifest } from './archive/manifest.ts';
import { formatVersion } from './archive/manifest.ts';
import { openBackup, prove } from './archive/open-backup.ts';
import { BackupFailure, causeText } from './backup-failure.ts';
import type { KeptFile } from './installation-files.ts';
import { besideName, installationId, readInstallationFiles, sameFiles } from './installation-files.ts';
import { sizeText } from './size-text.ts';
import type { Dump } from './tables/dump-tables.ts';
import { withDump } from './tables/dump-tables.ts';

/** What a backup is made of. */
export type BackupSource = {
  readonly directory: DataDirectory;
  readonly users: SystemUsers;
  readonly databaseUrl: string;
  readonly programVersion: string;
  readonly now: () => Date;
  /** Aborted: what is half-made is taken away, and the call rejects. */
  readonly signal: AbortSignal;
};

export type WrittenBackup = { readonly file: string; readonly bytes: number; readonly manifest: Manifest };

/** Mark of a file that is being written; the next run for the same name takes it away, should this one be killed. */
const unfinishedMark = 'part';

/** Keys change once in years, at a start or a renewal: whoever meets that twice in a row meets something else. */
const attempts = 3;

/**
 * writeBackup writes one backup of a running installation: beside its name, 0600, flushed, then read back whole and proved against its own
 * manifest, and only then given its name. Undefined where there is nothing to keep yet (no schema). Rejects with BackupFailure and leaves
 * nothing behind; a file that has the name already is refused and not touched.
 *
 * Files and database agree: the files are read before the snapshot and again after it was taken, and both readings have to be equal. So
 * whatever the snapshot holds (certificates, encrypted secrets) was made with the keys that are kept with it.
 */
export async function writeBackup(source: BackupSource, file: string, sealing: Sealing): Promise<WrittenBackup | undefined> {
  await requireFree(file);
  await removeUnfinished(path.dirname(file), path.basename(file));
  const beside = besideName(file, unfinishedMark);
  try {
    const manifest = await writeAgreeing(source, beside, sealing);
    if (manifest === undefined) return undefined;
    const bytes = await verifyWritten(beside, sealing, manifest);
    await giveName(beside, file);
    return { file, bytes, manifest };
  } finally {
    await rm(beside, { force: true });
  }
}

/** removeUnfinished takes away what a run that was killed has left, for files whose names begin so. */
export async function removeUnfinished(directory: string, nameBegin: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(`.${nameBegin}`) && name.endsWith(`.${unfinishedMark}`))
      await rm(path.join(directory, name), { force: true });
  }
}

async function requireFree(file: string): Promise<void> {
  const directory = await stat(path.dirname(file)).catch((cause: unknown) => {
    throw new BackupFailure(`${path.dirname(file)} is not there: make the directory that the backup should lie in`, { cause });
  });
  if (!directory.isDirectory()) throw new BackupFailure(`${path.dirname(file)} is not a directory`);
  const isTaken = await stat(file).then(
    () => true,
    (cause: unknown) => errorCode(cause) !== 'ENOENT',
  );
  if (isTaken) throw new BackupFailure(`${file} is there already: give another name, or take it away`, { exitCode: 2 });
}

async function writeAgreeing(source: BackupSource, beside: string, sealing: Sealing): Promise<Manifest | undefined> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const before = await readInstallationFiles(source.directory, source.users);
    const outcome = await withDump(source.databaseUrl, async (dump) => {
      const files = await readInstallationFiles(source.directory, source.users);
      if (!sameFiles(before, files)) return 'changed';
      const manifest = await manifestOf(source, files, dump);
      await writeWhole(beside, manifest, { files, dump, sealing, signal: source.signal });
      return manifest;
    });
    if (outcome !== 'changed') return outcome;
  }
  throw new BackupFailure(
    `the files in ${source.directory.root} change all the time: look at who writes to controller/ and signer/`,
  );
}

async function manifestOf(source: BackupSource, files: readonly KeptFile[], dump: Dump): Promise<Manifest> {
  const installation = await readInstallation(source.directory.root);
  if (installation === undefined) throw new BackupFailure(`${source.directory.root} holds no installation any more`);
  return {
    format: 'causeway-backup',
    formatVersion,
    programVersion: source.programVersion,
    createdAt: source.now().toISOString(),
    migrations: [...dump.migrations],
    postgres: dump.postgres,
    installation: { id: installationId(files), number: installation.number, hostname: installation.hostname },
    entries: [...files.map(({ entry }) => entry), ...dump.tables],
    sequences: [...dump.sequences],
  };
}

async function writeWhole(
  beside: string,
  manifest: Manifest,
  parts: {
    readonly files: readonly KeptFile[];
    readonly dump: Dump;
    readonly sealing: Sealing;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const contents = new Map(parts.files.map(({ entry, content }) => [entry.name, content]));
  const archive = archiveStream(manifest, async function* (entry) {
    if (entry.kind === 'file') yield contents.get(entry.name) ?? Buffer.alloc(0);
    else {
      for await (const piece of parts.dump.rows(entry)) {
        parts.signal.throwIfAborted();
        yield piece;
      }
    }
  });
  const file = await open(beside, 'wx', 0o600).catch((cause: unknown) => {
    throw new BackupFailure(`the backup cannot be written: ${causeText(cause)}`, { cause });
  });
  try {
    await seal(archive, file, parts.sealing);
    await file.sync();
  } catch (cause) {
    if (cause instanceof BackupFailure || parts.signal.aborted) throw cause;
    const { size: written } = await file.stat();
    const whole = manifest.entries.reduce((sum, { bytes }) => sum + bytes, 0);
    throw new BackupFailure(
      `the backup could not be written (${causeText(cause)}): ${sizeText(written)} found room, and it needs at most ${sizeText(whole)}, usually a fifth of that; free some space in ${path.dirname(beside)}, or choose another place`,
      { cause },
    );
  } finally {
    await file.close();
  }
}

/** What lies on the disk now is what counts: decrypted, unpacked, and every length, checksum and number of rows compared. */
async function verifyWritten(beside: string, sealing: Sealing, written: Manifest): Promise<number> {
  await using backup = await openBackup(beside, async () => (sealing.kind === 'passphrase' ? sealing.passphrase : ''));
  const read = await backup.read(prove);
  if (!isDeepStrictEqual(read, written))
    throw new BackupFailure('what was written is not what is read: look at the disk, and at the memory of this machine');
  return backup.bytes;
}

/** link refuses a name that was taken meanwhile, which rename would replace; file systems without links (SMB, FAT) are left with rename. */
async function giveName(beside: string, file: string): Promise<void> {
  try {
    await link(beside, file);
    await unlink(beside);
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') throw new BackupFailure(`${file} was made by somebody else meanwhile`, { cause });
    await rename(beside, file);
  }
  const directory = await open(path.dirname(file), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
