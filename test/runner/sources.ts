import { execFileSync } from 'node:child_process';
import { existsSync, openSync, readSync, closeSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * sourceFiles lists the files that git has or would add, as paths below `root`. A copy of a read-only checkout has no .git and
 * holds nothing but sources, so there every file is one.
 */
export function sourceFiles(root: string): string[] {
  if (existsSync(join(root, '.git'))) {
    const listed = execFileSync(
      'git',
      ['-c', `safe.directory=${root}`, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    // One that was deleted and not yet committed is still in the index.
    return listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
  }
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((file) => !file.startsWith('node_modules/'));
}

/** shellScripts are the sources that a shell reads: by their name, or by their first line. */
export function shellScripts(root: string): string[] {
  return sourceFiles(root).filter(
    (file) => file.endsWith('.sh') || (!/\.\w+$/.test(file) && isShell(firstLine(join(root, file)))),
  );
}

function isShell(line: string): boolean {
  return /^#!.*\b(?:sh|bash|dash|ash)\b/.test(line);
}

function firstLine(path: string): string {
  const buffer = new Uint8Array(80);
  const descriptor = openSync(path, 'r');
  try {
    const length = readSync(descriptor, buffer);
    return new TextDecoder().decode(buffer.subarray(0, length)).split('\n', 1)[0] ?? '';
  } finally {
    closeSync(descriptor);
  }
}
