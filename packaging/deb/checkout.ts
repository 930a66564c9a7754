import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Commit } from './version.ts';

/** Checkout is what is packaged: the tracked files as they lie there, and the commit that they come from. */
export type Checkout = {
  readonly root: string;
  /** Paths below the root, sorted. */
  readonly files: readonly string[];
  readonly commit: Commit;
  read(file: string): Promise<string>;
};

/** readCheckout asks git. Rejects with a sentence where `root` is no clone: date and version are those of the commit. */
export async function readCheckout(root: string): Promise<Checkout> {
  const git = async (...args: readonly string[]): Promise<string> => {
    // Who builds may be another user than who cloned.
    const { stdout } = await promisify(execFile)('git', ['-c', `safe.directory=${root}`, ...args], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  };
  let head: string;
  try {
    head = await git('log', '-1', '--format=%H %ct');
  } catch (cause) {
    throw new Error(
      `${root} is not a git clone, and the packages take version and date from its commit: clone the sources, and build there`,
      { cause },
    );
  }
  const [hash = '', time = ''] = head.trim().split(' ');
  const [listed, tags, status] = await Promise.all([
    git('ls-files', '-z'),
    git('tag', '--points-at', 'HEAD'),
    git('status', '--porcelain', '--untracked-files=no'),
  ]);
  return {
    root,
    files: listed
      .split('\0')
      .filter((file) => file !== '')
      .toSorted(),
    commit: { hash, time_s: Number(time), tags: tags.split('\n').filter((tag) => tag !== ''), changed: status !== '' },
    read: async (file) => await readFile(path.join(root, file), 'utf8'),
  };
}
