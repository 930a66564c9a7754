import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { BackupFailure, causeText } from '../backup-failure.ts';
import { readEntries, readManifest } from './archive-stream.ts';
import type { Sealing } from './envelope.ts';
import { sealKind, unseal } from './envelope.ts';
import type { Manifest, ManifestEntry } from './manifest.ts';
import { readTar } from './tar.ts';

/** What is done with a backup's content, one entry after the other; what is not read is passed over, and proved all the same. */
export type EntryReader = (entry: ManifestEntry, content: () => AsyncGenerator<Buffer>) => Promise<void>;

/** OpenBackup is a file that has proved to be a backup; the same open file for every reading, whatever happens to its name. */
export type OpenBackup = AsyncDisposable & {
  readonly bytes: number;
  /** Decrypts from the beginning and gives the manifest alone. */
  readonly manifest: () => Promise<Manifest>;
  /** Reads everything: each length, checksum and row count is compared with the manifest. Gives the manifest. */
  readonly read: (take: (stated: Manifest) => EntryReader | Promise<EntryReader>) => Promise<Manifest>;
};

/**
 * openBackup looks at the first bytes and asks for the passphrase only where one is needed. Every refusal is a BackupFailure that begins
 * with the file's name; nothing is written anywhere.
 */
export async function openBackup(path: string, passphrase: () => Promise<string>): Promise<OpenBackup> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new BackupFailure(`${path} cannot be read: ${causeText(cause)}`, { cause });
  });
  try {
    const status = await file.stat();
    const kind = status.isFile() ? await sealKind(file) : undefined;
    if (kind === undefined) throw new BackupFailure('it is no backup of Causeway, or its first bytes are damaged');
    const sealing: Sealing = kind === 'none' ? { kind } : { kind, passphrase: await passphrase() };
    return {
      bytes: status.size,
      manifest: () => named(path, manifestOf(file, sealing)),
      read: (take) => named(path, readAll(file, sealing, take)),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (cause) {
    await file.close();
    return await named(path, Promise.reject(cause));
  }
}

/** prove is for readings that want nothing but the proof. */
export const prove = (): EntryReader => async (_entry, content) => {
  for await (const _piece of content());
};

async function manifestOf(file: FileHandle, sealing: Sealing): Promise<Manifest> {
  const bytes = unseal(file, sealing);
  try {
    return await readManifest(readTar(bytes));
  } finally {
    await bytes.return(undefined);
  }
}

async function readAll(
  file: FileHandle,
  sealing: Sealing,
  take: (stated: Manifest) => EntryReader | Promise<EntryReader>,
): Promise<Manifest> {
  const bytes = unseal(file, sealing);
  try {
    const archive = readTar(bytes);
    const stated = await readManifest(archive);
    const reader = await take(stated);
    for await (const { entry, content } of readEntries(stated, archive)) await reader(entry, content);
    return stated;
  } finally {
    await bytes.return(undefined);
  }
}

async function named<Value>(path: string, reading: Promise<Value>): Promise<Value> {
  return await reading.catch((cause: unknown) => {
    if (!(cause instanceof BackupFailure) || cause.message.startsWith(path)) throw cause;
    throw new BackupFailure(`${path}: ${cause.message}`, { cause, exitCode: cause.exitCode });
  });
}
