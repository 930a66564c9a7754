import { findProgram } from './find-program.ts';
import { runProgram } from './run-program.ts';
import { StartFailure } from './start-failure.ts';

/**
 * MountMode says what kind of mount namespace the second stage runs in. `private`: its own, where mounts are seen by nobody else.
 * `inherited`: its own, but in a plain chroot, where the mount that holds "/" is out of reach and cannot be made private; mounts are
 * only made there if they turn out to be private anyway. `none`: the machine gives us no mount namespace (some containers).
 */
export type MountMode = 'private' | 'inherited' | 'none';

export function isMountMode(text: string | undefined): text is MountMode {
  return text === 'private' || text === 'inherited' || text === 'none';
}

/** chooseMountMode tries what this machine allows, at the cost of two short processes. */
export async function chooseMountMode(): Promise<MountMode> {
  if ((await runProgram('unshare', ['--mount', '--propagation', 'private', 'true'])).code === 0) return 'private';
  if ((await runProgram('unshare', ['--mount', '--propagation', 'unchanged', 'true'])).code === 0) return 'inherited';
  return 'none';
}

/**
 * enterMountView replaces this process (same pid) by its second stage: `flock` takes the lock of the data directory and keeps it open
 * for as long as the process lives, `setpriv` rules out that anything below ever gains rights by exec, `unshare` gives it the mount
 * namespace. Never returns. The lock is flock(2)'s: it vanishes with the process, however that ends, and leaves no stale file. Node marks
 * inherited descriptors close-on-exec when it starts, so children, and lanes that outlive us, do not hold it.
 */
export async function enterMountView(mode: MountMode, dataDirectory: string, stageTwo: readonly string[]): Promise<never> {
  const flock = await findProgram('flock');
  if (process.execve === undefined || flock === undefined) {
    throw new StartFailure({
      exitCode: 4,
      sentence: `Node ${process.version} cannot replace its process: install Node 24.12 or newer.`,
    });
  }
  const propagation = mode === 'private' ? 'private' : 'unchanged';
  const unshare = mode === 'none' ? [] : ['unshare', '--mount', '--propagation', propagation, '--'];
  const lock = ['flock', '--nonblock', '--conflict-exit-code', '1', '--no-fork', dataDirectory];
  const noNewPrivileges = ['setpriv', '--no-new-privs', '--'];
  const node = [process.execPath, ...process.execArgv, ...stageTwo, mode];
  const command = [...lock, ...noNewPrivileges, ...unshare, ...node];
  process.execve(flock, command, definedEnvironment());
  throw new Error('process.execve returned');
}

function definedEnvironment(): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) defined[name] = value;
  return defined;
}
