/**
 * check-lock compares what npm installed with the committed lock: every package in version and integrity.
 *
 * Run by the launcher as `node check-lock.ts LOCK DIRECTORY`. It exists because the launcher uses `npm install`, which unlike
 * `npm ci` may leave the lock's versions (docs/decisions/0010-one-package-one-lock.md). Imports nothing but node: it runs before
 * any package is there.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** LockEntry is the part of an entry in a lock file that says which bytes were meant. */
export interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
}

/** Packages maps the path of each package below its root (`node_modules/pg`) to its entry. */
export type Packages = Readonly<Record<string, LockEntry>>;

/**
 * lockDifferences lists, one sentence each, where the installed packages are not those of the lock. Packages of the lock
 * that are absent are no difference: those of other platforms and of the development tools are left out on purpose.
 */
export function lockDifferences(committed: Packages, installed: Packages): string[] {
  const differences: string[] = [];
  for (const [path, found] of Object.entries(installed)) {
    const wanted = committed[path];
    if (wanted === undefined) {
      differences.push(`${path} ${found.version ?? 'without version'} is installed, but the lock does not have it`);
      continue;
    }
    if (found.link === true) {
      differences.push(`${path} is a link to another directory, and the lock has version ${wanted.version ?? 'none'}`);
      continue;
    }
    if (found.version !== wanted.version) {
      differences.push(`${path} is installed as ${found.version ?? 'none'}, and the lock has ${wanted.version ?? 'none'}`);
    }
    if (found.integrity !== wanted.integrity) {
      differences.push(`${path} has integrity ${found.integrity ?? 'none'}, and the lock has ${wanted.integrity ?? 'none'}`);
    }
  }
  return differences;
}

/** readPackages reads the packages of a lock file without its root entry; it throws an Error that names the file. */
export function readPackages(file: string): Packages {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof parsed !== 'object' || parsed === null || !('packages' in parsed)) {
    throw new Error(`${file} is not a lock file of npm: it has no "packages"`);
  }
  const { '': _root, ...packages } = parsed.packages as Record<string, LockEntry>;
  return packages;
}

/** checkLock returns the differences between a committed lock and the node_modules below `directory`. */
export function checkLock(lockFile: string, directory: string): string[] {
  const committed = readPackages(lockFile);
  const installed = readPackages(join(directory, 'node_modules', '.package-lock.json'));
  const differences = lockDifferences(committed, installed);
  if (Object.keys(installed).length === 0) {
    differences.push(`nothing is installed in ${join(directory, 'node_modules')}`);
  }
  return differences;
}

if (import.meta.main) {
  const [lockFile, directory] = process.argv.slice(2);
  if (lockFile === undefined || directory === undefined) {
    process.stderr.write('usage: node check-lock.ts LOCK DIRECTORY\n');
    process.exit(2);
  }
  const differences = checkLock(lockFile, directory);
  for (const difference of differences) {
    process.stderr.write(`${difference}\n`);
  }
  process.exit(differences.length === 0 ? 0 : 1);
}
