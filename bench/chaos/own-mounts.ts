import { mustRun } from '../../src/lab/run-program.ts';

const entered = 'CAUSEWAY_BENCH_OWN_MOUNTS';

/**
 * enterOwnMounts replaces this process by itself in a mount namespace of its own. Whoever starts a program with its own view of mounts while a disk of
 * the lab is mounted would keep a copy of it, and a file system lives for as long as somebody has it mounted: its power could not be cut.
 * Namespaces of the network stay everybody's to see, so that the next run finds what a killed one has left.
 */
export async function enterOwnMounts(): Promise<void> {
  if (process.env[entered] === 'yes') return;
  if (process.execve === undefined) throw new Error(`this Node, ${process.version}, cannot replace its process`);
  // The first `ip netns add` of a machine makes /run/netns a mount that is shared; it has to be that before we have our own view.
  await mustRun(['sh', '-c', 'ip netns add "$1" && ip netns del "$1"', 'sh', `cwlab-first-${String(process.pid)}`]);
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const argv = ['env', `${entered}=yes`, 'unshare', '--mount', '--propagation', 'unchanged', '--', ...again];
  process.execve('/usr/bin/env', argv, process.env);
}
