import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Every Debian has it, open to all and, in our own mount namespace, empty for us to use: nothing has to be removed afterwards. */
const view = '/mnt';

const script = 'mount --bind "$1" "$2" && view=$2 node=$3 && shift 3 && exec "$node" "$view/test/runner/main.ts" "$@"';

/**
 * runWhereAllMayRead starts the run again from a place that every user may enter, if this checkout lies where only root may
 * (/root is 0700): tests start PostgreSQL and other programs of the checkout as users that are not root. It does not
 * return then. The place exists in a mount namespace that ends with the run.
 */
export function runWhereAllMayRead(root: string, args: readonly string[]): void {
  if (process.getuid?.() !== 0 || process.execve === undefined || allMayEnter(root)) return;
  const shell = ['sh', '-c', script, 'sh', root, view, process.execPath, ...args];
  process.execve('/usr/bin/unshare', ['unshare', '--mount', '--propagation', 'private', '--', ...shell], process.env);
}

/** Whether everybody may enter this directory and those above it. */
export function allMayEnter(directory: string): boolean {
  const mayEnter = (statSync(directory).mode & 0o001) !== 0;
  return mayEnter && (directory === dirname(directory) || allMayEnter(dirname(directory)));
}
