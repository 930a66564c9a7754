import { access, constants, readFile, readdir, realpath, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { maximumDataDirectoryBytes } from '../contract/cli/up-options.ts';
import { errorCode } from './data-directory.ts';
import { installationFile } from './installation.ts';
import { runProgram } from './run-program.ts';
import type { Problem } from './start-failure.ts';

const mebibyte = 1024 * 1024;
/** A new database cluster with its first write-ahead log takes 60 MiB, libraries and keys next to nothing; the rest is room to work. */
const neededAtFirst = { bytes: 200 * mebibyte, files: 3000 };
/** A cluster that cannot write its next 16 MiB of write-ahead log stops. */
const neededLater = { bytes: 48 * mebibyte, files: 200 };

/** checkDataDirectory says everything about --data that can be said without touching it. The path is absolute. */
export async function checkDataDirectory(dataDirectory: string): Promise<Problem[]> {
  const { existing, resolved } = await resolveExisting(dataDirectory);
  if (Buffer.byteLength(dataDirectory) > maximumDataDirectoryBytes || Buffer.byteLength(resolved) > maximumDataDirectoryBytes) {
    const bytes = Math.max(Buffer.byteLength(dataDirectory), Buffer.byteLength(resolved));
    return [
      {
        exitCode: 2,
        sentence: `the data directory ${resolved} is ${String(bytes)} bytes long, and ${String(maximumDataDirectoryBytes)} are allowed, since a socket's path has to fit below it: choose a shorter one with --data.`,
      },
    ];
  }
  if (!(await stat(existing)).isDirectory()) {
    return [{ exitCode: 1, sentence: `${existing} is not a directory: choose another one with --data.` }];
  }
  const isThere = existing === resolved;
  const problems = [
    await checkWritable(existing, resolved),
    await checkParents(isThere ? path.dirname(resolved) : existing),
    await checkSpace(existing, isThere && (await isFile(installationFile(resolved)))),
    ...(isThere ? [await checkOwner(resolved), await checkContent(resolved), await checkLock(resolved)] : []),
  ];
  return problems.filter((problem) => problem !== undefined);
}

/** resolveDataDirectory gives the path without symbolic links, as far as it exists: one installation has one name. */
export async function resolveDataDirectory(dataDirectory: string): Promise<string> {
  return (await resolveExisting(dataDirectory)).resolved;
}

async function resolveExisting(dataDirectory: string): Promise<{ readonly existing: string; readonly resolved: string }> {
  let at = path.resolve(dataDirectory);
  const missing: string[] = [];
  for (;;) {
    try {
      const existing = await realpath(at);
      return { existing, resolved: path.join(existing, ...missing) };
    } catch (cause) {
      if (at === '/' || (errorCode(cause) !== 'ENOENT' && errorCode(cause) !== 'ENOTDIR')) throw cause;
      missing.unshift(path.basename(at));
      at = path.dirname(at);
    }
  }
}

async function checkWritable(existing: string, resolved: string): Promise<Problem | undefined> {
  try {
    await access(existing, constants.W_OK);
    return undefined;
  } catch (cause) {
    const why =
      errorCode(cause) === 'EROFS' ? 'its file system is read-only' : `${existing}: ${errorCode(cause) ?? String(cause)}`;
    return {
      exitCode: 1,
      sentence: `the data directory ${resolved} cannot be written (${why}): make it writable, or choose another one with --data.`,
    };
  }
}

/** The processes run as system users, who have no rights beyond everybody's on the way to the directory. */
async function checkParents(directory: string): Promise<Problem | undefined> {
  for (let at = directory; ; at = path.dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & 0o001) === 0) {
      return {
        exitCode: 1,
        sentence: `${at} may not be entered by the system users that Causeway's processes run as (mode ${(mode & 0o7777).toString(8)}): run "chmod o+x ${at}", or choose another place with --data.`,
      };
    }
    if (at === path.dirname(at)) return undefined;
  }
}

async function checkSpace(existing: string, hasInstallation: boolean): Promise<Problem | undefined> {
  const needed = hasInstallation ? neededLater : neededAtFirst;
  // bavail leaves out what is reserved for root: the database does not run as root.
  const { bavail, bsize, files, ffree } = await statfs(existing);
  const free = bavail * bsize;
  if (free < needed.bytes) {
    return {
      exitCode: 1,
      sentence: `the file system of ${existing} has ${inMebibytes(free)} free, and ${inMebibytes(needed.bytes)} are needed to start: free some space, or choose another place with --data.`,
    };
  }
  // Some file systems (btrfs) have no fixed number of files and say 0.
  if (files > 0 && ffree < needed.files) {
    return {
      exitCode: 1,
      sentence: `the file system of ${existing} has room for ${String(ffree)} more files, and ${String(needed.files)} are needed to start: remove some, or choose another place with --data.`,
    };
  }
  return undefined;
}

function inMebibytes(bytes: number): string {
  return `${String(Math.floor(bytes / mebibyte))} MiB`;
}

/** Whoever owns the directory could have put a CA of their own into it, or could replace ours. */
async function checkOwner(directory: string): Promise<Problem | undefined> {
  const { uid } = await stat(directory);
  if (uid === 0) return undefined;
  return {
    exitCode: 1,
    sentence: `${directory} belongs to user ${String(uid)}, who could change what root trusts in it: look at what it holds and run "chown root ${directory}", or choose another directory with --data.`,
  };
}

/** Owners and modes below the directory are set at every start: never in a directory that holds something else. */
async function checkContent(directory: string): Promise<Problem | undefined> {
  if (await isFile(installationFile(directory))) return undefined;
  const foreign = (await readdir(directory)).filter((name) => name !== 'lost+found');
  const [example] = foreign;
  if (example === undefined) return undefined;
  return {
    exitCode: 1,
    sentence: `${directory} holds other things (${example}) and no installation of Causeway: choose an empty or a new directory with --data.`,
  };
}

/** The lock itself is taken when nothing else can be wrong any more (enter-mount-view.ts); this is the polite question before. */
async function checkLock(directory: string): Promise<Problem | undefined> {
  if (!(await isInUse(directory))) return undefined;
  const { ino } = await stat(directory);
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '');
  return { exitCode: 1, sentence: lockedSentence(directory, lockHolder(locks, ino)) };
}

/** isInUse: an `up` runs on the directory, or something else that takes its lock. */
export async function isInUse(directory: string): Promise<boolean> {
  const { code } = await runProgram('flock', ['--nonblock', '--conflict-exit-code', '75', directory, 'true']);
  return code === 75;
}

export function lockedSentence(directory: string, pid: number | undefined): string {
  const by = pid === undefined ? 'another "causeway up"' : `another "causeway up" (process ${String(pid)})`;
  return `${by} runs on ${directory}: stop it, or choose another directory with --data.`;
}

/** lockHolder reads /proc/locks: `1: FLOCK  ADVISORY  WRITE PID MAJOR:MINOR:INODE 0 EOF`. */
export function lockHolder(locks: string, inode: number): number | undefined {
  for (const line of locks.split('\n')) {
    const match = /^\d+: FLOCK\s+ADVISORY\s+WRITE\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(line);
    if (match !== null && Number(match[2]) === inode && Number(match[1]) > 0) return Number(match[1]);
  }
  return undefined;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (status) => status.isFile(),
    () => false,
  );
}
