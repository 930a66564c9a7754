import { randomBytes, X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { ContentMeasure } from './archive/content-measure.ts';
import type { FileEntry, FileOwner } from './archive/manifest.ts';
import { BackupFailure } from './backup-failure.ts';
import type { DataDirectory } from '../supervisor/data-directory.ts';
import { errorCode } from '../supervisor/data-directory.ts';
import type { SystemUsers } from '../supervisor/system-users.ts';

/** KeptFile is a file of the installation with its content: keys and certificates, some kilobytes together. */
export type KeptFile = { readonly entry: FileEntry; readonly content: Buffer };

/** The largest of them has some kilobytes; beyond this it is none of ours. */
const largestFile = 1024 * 1024;

/**
 * Whole directories rather than a list of names, so that a key that comes with a later version is not forgotten. Not kept: sockets, what is
 * being written, and the copies of the operator's own certificate (given-tls), which `up` makes anew at each start.
 */
const keptDirectories = [
  { directory: 'signer', owner: 'signer' },
  { directory: 'controller', owner: 'controller' },
] as const;
const keptNames = /^(?!given-tls\.)[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** readInstallationFiles reads what cannot be made again. Throws BackupFailure where one is not as the installation makes it. */
export async function readInstallationFiles(directory: DataDirectory, users: SystemUsers): Promise<KeptFile[]> {
  const files = [await keep(directory.root, 'installation.json', 'root', 0)];
  for (const { directory: name, owner } of keptDirectories) {
    const entries = await readdir(path.join(directory.root, name), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!entry.isFile() || !keptNames.test(entry.name)) continue;
      files.push(await keep(directory.root, `${name}/${entry.name}`, owner, users[owner].uid));
    }
  }
  for (const needed of ['signer/ca.key', 'signer/ca.crt', 'controller/secrets.key']) {
    if (!files.some(({ entry }) => entry.path === needed))
      throw new BackupFailure(
        `${path.join(directory.root, needed)} is missing, without which a backup is of no use: start "causeway up" once`,
      );
  }
  return files;
}

/** sameFiles: nothing was written between two readings. */
export function sameFiles(one: readonly KeptFile[], other: readonly KeptFile[]): boolean {
  const facts = (files: readonly KeptFile[]) => files.map(({ entry: { path: name, sha256, mode } }) => [name, sha256, mode]);
  return JSON.stringify(facts(one)) === JSON.stringify(facts(other));
}

/** installationId is the SHA-256 of the CA's certificate. */
export function installationId(files: readonly KeptFile[]): string {
  const certificate = files.find(({ entry }) => entry.path === 'signer/ca.crt');
  return new X509Certificate(certificate?.content ?? '').fingerprint256.replaceAll(':', '').toLowerCase();
}

/** placeKeptFile writes one file of a restore, for its owner from its first byte on, into a directory that nobody else works in. */
export async function placeKeptFile(root: string, entry: FileEntry, content: Buffer, users: SystemUsers): Promise<void> {
  const handle = await open(path.join(root, entry.path), 'wx', 0o600);
  try {
    await handle.writeFile(content);
    const { uid, gid } = entry.owner === 'root' ? { uid: 0, gid: 0 } : users[entry.owner];
    await handle.chown(uid, gid);
    await handle.chmod(entry.mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** besideName is a name for what is being made, in the directory of what it becomes: renaming works only within a file system. */
export function besideName(target: string, mark: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(4).toString('hex')}.${mark}`);
}

/** Root reads in directories of less trusted users: no link is followed, and only a plain file of the expected owner is taken. */
async function keep(root: string, name: string, owner: FileOwner, uid: number): Promise<KeptFile> {
  const file = path.join(root, name);
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((cause: unknown) => {
    if (errorCode(cause) === 'ENOENT')
      throw new BackupFailure(`${file} is not there: ${root} holds no installation of Causeway, or it was never started`, {
        cause,
      });
    throw new BackupFailure(`reading ${file}: ${errorCode(cause) ?? String(cause)}`, { cause });
  });
  try {
    const status = await handle.stat();
    if (!status.isFile() || status.uid !== uid || status.size > largestFile)
      throw new BackupFailure(
        `${file} is not a file of at most ${String(largestFile)} bytes that belongs to user ${String(uid)}: look at who has written it`,
      );
    const content = await handle.readFile();
    const measure = new ContentMeasure();
    measure.add(content);
    const { bytes, sha256 } = measure.total();
    return {
      entry: { kind: 'file', name: `files/${name}`, path: name, owner, mode: status.mode & 0o777, bytes, sha256 },
      content,
    };
  } finally {
    await handle.close();
  }
}
