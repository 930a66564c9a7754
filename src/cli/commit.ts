import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const checkout = join(import.meta.dirname, '..', '..');

/**
 * commitOf is the commit that a git checkout stands on, read from git's own files: the program may run where no git is. Null for what is no
 * checkout (a package), and for a state of it that is not understood; only words depend on it.
 */
export function commitOf(directory: string = checkout): string | null {
  try {
    const git = gitDirectory(directory);
    const head = readFileSync(join(git, 'HEAD'), 'utf8').trim();
    const reference = /^ref: (\S+)$/.exec(head)?.[1];
    return hash(reference === undefined ? head : readReference(git, reference));
  } catch {
    return null;
  }
}

/** Of a linked worktree `.git` is a file that says where it is. */
function gitDirectory(directory: string): string {
  const git = join(directory, '.git');
  try {
    const elsewhere = /^gitdir: (.+)$/m.exec(readFileSync(git, 'utf8'))?.[1];
    return elsewhere ?? git;
  } catch {
    return git;
  }
}

function readReference(git: string, reference: string): string {
  // A worktree has a HEAD of its own and shares the references.
  const common = readIfThere(join(git, 'commondir'))?.trim();
  const shared = common === undefined ? git : join(git, common);
  const loose = readIfThere(join(shared, reference));
  if (loose !== undefined) return loose.trim();
  const packed = readFileSync(join(shared, 'packed-refs'), 'utf8').split('\n');
  return packed.find((line) => line.endsWith(` ${reference}`))?.split(' ', 1)[0] ?? '';
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function hash(text: string): string | null {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text) ? text : null;
}
