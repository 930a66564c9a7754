import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { awaitCondition } from './await-condition.ts';
import type { Host, Started } from './host.ts';
import { signalStarted } from './host.ts';
import type { InitSystem } from './init-system.ts';
import { childOf } from './machine.ts';
import { runsDirectory } from './sweep.ts';
import type { World } from './world.ts';

/**
 * Keeps what the machine has written while it is switched off: the upper layer of its file system, in memory. At the end it ends what is left in the
 * machine's control group, and removes that.
 */
const holder = `set -e
scratch=$1 group=$1/groups/$2
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/root" "$scratch/groups"
mount -t cgroup2 cgroup2 "$scratch/groups"
# What runs left that were killed: empty, and of a run whose directory was swept.
for old in "$scratch"/groups/cwlab-*; do
  run=\${old##*/cwlab-}
  [ ! -d "$old" ] || [ -d "$3/\${run%%-*}" ] || find "$old" -depth -type d -exec rmdir {} + 2>/dev/null || :
done
mkdir "$group"
mount -t overlay overlay -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
root=$scratch/root
rm -rf "$root/var/lib/causeway" "$root/var/lib/causeway-connector" "$root/etc/causeway" "$root/var/log/journal"
eval "$4"
umount "$root"
end() {
  echo 1 >"$group/cgroup.kill"
  for try in $(seq 200); do
    [ -d "$group" ] || exit 0
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || :
    sleep 0.05
  done
  exit 1
}
trap end TERM
echo ready
while :; do sleep 3600 & wait "$!"; done`;

/**
 * The machine starts: everything of the real one under an overlay, processes, devices and control groups of its own. The old
 * root is let go before its first process begins, so that nothing it does can reach the real file systems.
 */
const boot = `set -e
scratch=$1
echo $$ >"$scratch/groups/$2/cgroup.procs"
exec unshare --cgroup --mount --propagation private --pid --uts --ipc --fork --kill-child sh -ec '
  scratch=$1
  root=$scratch/root
  hostname "$2"
  mount -t overlay overlay -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work" "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  mkdir "$root/dev/net" "$root/dev/pts" "$root/dev/shm" "$root/run/old"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  first=$3
  shift 3
  for shared; do
    mkdir -p "$root/\${shared#*:}"
    mount --bind "\${shared%%:*}" "$root/\${shared#*:}"
  done
  for device in null zero full random urandom tty net/tun; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  ln -s /proc/self/fd "$root/dev/fd"
  ln -s /run/systemd/journal/dev-log "$root/dev/log"
  cd "$root"
  pivot_root . run/old
  umount -l /run/old
  exec env -i container=causeway-lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
    $first
' machine "$@"`;

/**
 * BootedMachine is a host with an init system of its own, over the real machine's programs, and which can lose its power: what it has written stays, as
 * on a disk. Ends with its host.
 */
export class BootedMachine {
  readonly host: Host;
  readonly init: InitSystem;
  readonly #scratch: string;
  readonly #name: string;
  readonly #shared: readonly string[];
  readonly #holder: Started;
  #running: Started | undefined;

  private constructor(
    host: Host,
    init: InitSystem,
    at: { readonly scratch: string; readonly name: string },
    shared: readonly string[],
    held: Started,
  ) {
    this.host = host;
    this.init = init;
    this.#scratch = at.scratch;
    this.#name = at.name;
    this.#shared = shared;
    this.#holder = held;
  }

  /** create boots it for the first time. `shared` are directories of the real machine and where they are seen: OUTSIDE:INSIDE. */
  static async create(world: World, host: Host, init: InitSystem, shared: readonly string[] = []): Promise<BootedMachine> {
    const scratch = join(world.directory, `${host.name}-disk`);
    mkdirSync(scratch);
    const name = `cwlab-${world.id}-${host.name}`;
    const held = host.start([
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      holder,
      'holder',
      scratch,
      name,
      runsDirectory,
      init.prepare,
    ]);
    let said = '';
    held.stdout.on('data', (chunk) => (said += String(chunk)));
    held.stderr.on('data', (chunk) => (said += String(chunk)));
    await awaitCondition(`the file system of ${host.name}`, () => {
      if (held.exitCode !== null) throw new Error(said);
      return said.includes('ready') ? true : undefined;
    });
    const machine = new BootedMachine(host, init, { scratch, name }, shared, held);
    await machine.boot();
    return machine;
  }

  /** The process under which everything of the machine runs. */
  get process(): Started {
    if (this.#running === undefined) throw new Error(`${this.host.name} is switched off`);
    return this.#running;
  }

  /** boot starts the init system and waits until it takes orders; what is enabled may be starting still. */
  async boot(): Promise<void> {
    this.host.enterBy(['ip', 'netns', 'exec', this.host.namespace]);
    const enter = ['nsenter', '--target', String(this.#holder.pid), '--mount', '--'];
    const started = this.host.start(
      [...enter, 'sh', '-c', boot, 'boot', this.#scratch, this.#name, this.init.first, ...this.#shared],
      'SIGKILL',
    );
    this.#running = started;
    let said = '';
    started.stdout.on('data', (chunk) => (said += String(chunk)));
    started.stderr.on('data', (chunk) => (said += String(chunk)));
    await awaitCondition(
      `${this.host.name} has booted`,
      async () => {
        if (started.exitCode !== null) throw new Error(said);
        this.host.enterBy(['nsenter', '--target', String(childOf(started.pid ?? 0)), '--all', '--']);
        const { stdout, stderr } = await this.host.run(this.init.ask);
        if (!this.init.yes.test(stdout)) throw new Error(`${stdout}${stderr}${said}`);
        return true;
      },
      { withinMs: 30_000 },
    );
  }

  /** cutPower ends every process at once, as a power cut does. */
  async cutPower(): Promise<void> {
    const running = this.process;
    const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    signalStarted(running, 'SIGKILL');
    await ended;
    this.#running = undefined;
  }
}
