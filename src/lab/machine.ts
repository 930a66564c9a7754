import { readFileSync } from 'node:fs';
import { awaitCondition } from './await-condition.ts';
import type { Host } from './host.ts';

/**
 * What an installer may change on a machine. Each is covered by an overlay, so that the lab's machine has the same programs as the
 * real one and can be changed at will: the real one is never touched, and everything is gone with the namespace.
 */
const changeable = ['etc', 'var', 'root', 'usr/local', 'opt'] as const;

const ownNamespaces = 'unshare --mount --propagation private --pid --fork --mount-proc --kill-child'.split(' ');

/** /run is empty: no service manager is seen there, as in a container, and no socket of the real machine. */
const holder = [
  'set -e',
  'scratch=$1; shift',
  'mount -t tmpfs tmpfs "$scratch"',
  'for directory; do',
  '  [ -d "/$directory" ] || continue',
  '  mkdir -p "$scratch/$directory/upper" "$scratch/$directory/work"',
  '  mount -t overlay overlay -o "lowerdir=/$directory,upperdir=$scratch/$directory/upper,workdir=$scratch/$directory/work" "/$directory"',
  'done',
  // A new machine has no product of ours, even where the real one has. Only behind an overlay: asked again, since this removes.
  'for installed in /var/lib/causeway /var/lib/causeway-connector /usr/local/lib/causeway-connector /etc/sysctl.d/90-causeway-connector.conf; do',
  '  [ "$(stat -f -c %T "${installed%/*}")" = overlayfs ] || { echo "$installed is not behind an overlay" >&2; exit 1; }',
  '  rm -rf "$installed"',
  'done',
  'mount -t tmpfs tmpfs /run',
  'echo ready',
  // As process 1 it has to reap what daemons leave: dash collects every child while it waits.
  'while :; do sleep 3600 & wait "$!"; done',
].join('\n');

/**
 * becomeMachine gives the host its own mounts and process ids, so that a real installer can run on it. `scratch` is an empty directory
 * of the lab's run. Fails when the kernel refuses overlay or namespaces, and says what it said.
 */
export async function becomeMachine(host: Host, scratch: string): Promise<void> {
  // Its own parent ignores SIGTERM; when that is killed, process 1 and all that runs on the machine end with it (--kill-child).
  const child = host.start([...ownNamespaces, 'sh', '-c', holder, 'machine', scratch, ...changeable], 'SIGKILL');
  let said = '';
  let complained = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    complained += String(chunk);
  });
  await awaitCondition(
    `machine ${host.name} is set up`,
    () => {
      if (child.exitCode !== null) throw new Error(complained.trim());
      return said.includes('ready') ? true : undefined;
    },
    { withinMs: 10_000, everyMs: 10 },
  );
  const pid = childOf(child.pid ?? 0);
  host.enterBy(['nsenter', '--target', String(pid), '--mount', '--pid', '--net', '--']);
}

/** childOf gives process 1 of a machine: `ip netns exec` becomes unshare, whose only child it is. Throws while there is none. */
export function childOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const [first] = children;
  if (first === undefined || first === '') throw new Error(`process ${pid} has no child: the machine's first process is gone`);
  return Number(first);
}
