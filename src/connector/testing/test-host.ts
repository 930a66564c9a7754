import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Userland says whose sh, awk, sed, ping … a host has: Debian's own, or BusyBox's in front of them, as on Alpine. */
export type Userland = 'dash' | 'busybox';

export type Finished = { readonly code: number; readonly stdout: string; readonly stderr: string };

/**
 * TestHost is a machine of a test's own: namespaces for network, mounts and processes, in which /etc, /var/lib, /usr/local and /run are
 * overlays in memory, so that an installer can do what it likes. A process namespace takes every process inside along when it is removed,
 * or when the test process dies (a pipe holds it).
 */
export type TestHost = {
  readonly pid: number;
  /** Runs a program inside and gives what it printed, whatever its exit code. */
  readonly run: (command: string, options?: { readonly input?: string; readonly timeout_ms?: number }) => Promise<Finished>;
  /** The same, but a failure throws with everything that was printed; gives stdout. */
  readonly must: (command: string, input?: string) => Promise<string>;
  /** Starts a program inside with an IPC channel or pipes. */
  readonly spawn: (command: readonly string[], options: { readonly ipc: boolean }) => ChildProcess;
  readonly remove: () => Promise<void>;
};

const overlaid = ['/etc', '/var/lib', '/usr/local'] as const;

export async function testHost(userland: Userland = 'dash'): Promise<TestHost> {
  const directory = await mkdtemp(path.join(tmpdir(), `cw-host-${String(process.pid)}-`));
  const separate = ['--net', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const holder = spawn('unshare', [...separate, 'sh', '-euc', setUp(directory, userland)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let problem = '';
  holder.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    holder.once('exit', () => reject(new Error(`making a test host: ${problem}`)));
  });
  const pid = await firstProcessOf(holder.pid);
  const environment = { PATH: searchPath(directory, userland), HOME: '/root' };

  const run: TestHost['run'] = async (command, options = {}) =>
    new Promise((resolve) => {
      const child = execFile(
        'nsenter',
        [...enter(pid, true), 'sh', '-c', command],
        { env: environment, timeout: options.timeout_ms ?? 30_000, maxBuffer: 16 * 1024 * 1024 },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 255, stdout, stderr }),
      );
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.input ?? '');
    });

  return {
    pid,
    run,
    must: async (command, input) => {
      const finished = await run(command, input === undefined ? {} : { input });
      if (finished.code !== 0)
        throw new Error(`${command}\nexit ${String(finished.code)}\n${finished.stdout}\n${finished.stderr}`);
      return finished.stdout;
    },
    spawn: (command, { ipc }) =>
      // A program with an IPC channel stays in our process namespace: nsenter would have to fork, and the channel be the fork's.
      spawn('nsenter', [...enter(pid, !ipc), ...command], {
        env: { ...process.env, ...(ipc ? {} : environment) },
        stdio: ['pipe', 'pipe', 'pipe', ...(ipc ? ['ipc' as const] : [])],
      }),
    remove: async () => {
      holder.stdin.end();
      if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function enter(pid: number, processes: boolean): string[] {
  return ['--target', String(pid), '--net', '--mount', ...(processes ? ['--pid'] : []), '--wdns=/', '--'];
}

/** The first process inside, whose end is the end of every other: unshare itself stays outside. */
async function firstProcessOf(unshare: number | undefined): Promise<number> {
  const children = await readFile(`/proc/${String(unshare)}/task/${String(unshare)}/children`, 'utf8');
  const pid = Number(children.trim());
  if (!Number.isInteger(pid) || pid === 0) throw new Error(`making a test host: unshare has the children ${children}`);
  return pid;
}

function setUp(directory: string, userland: Userland): string {
  const memory = `${directory}/memory`;
  return [
    // sysfs shows the network devices of the namespace in which it was mounted.
    'mount -t sysfs sysfs /sys',
    `mkdir ${memory}; mount -t tmpfs tmpfs ${memory}`,
    ...overlaid.map((place, number) => {
      const layer = `${memory}/${String(number)}`;
      return `mkdir -p ${layer}/upper ${layer}/work; mount -t overlay overlay -o lowerdir=${place},upperdir=${layer}/upper,workdir=${layer}/work ${place}`;
    }),
    'mount -t tmpfs tmpfs /run',
    // A machine that is a connector itself: inside there is none.
    'rm -rf /var/lib/causeway-connector /usr/local/lib/causeway-connector /usr/local/sbin/causeway-connector /etc/sysctl.d/*causeway-connector*',
    ...(userland === 'busybox' ? busybox(memory) : []),
    'ip link set lo up',
    'echo ready',
    // Ends when the test process closes the pipe, also by dying, and the kernel ends all that is inside with it. wait reaps orphans.
    'exec 3<&0; cat <&3 >/dev/null & wait "$!"',
  ].join('\n');
}

/** Every applet but those that the installer demands from elsewhere (Alpine's packages iproute2, openssl, iputils for ping -i). */
function busybox(memory: string): string[] {
  return [
    `mkdir ${memory}/bin`,
    `for applet in $(busybox --list | grep -vxE 'ip|mount|umount|nsenter|unshare|adduser|deluser'); do ln -s "$(command -v busybox)" "${memory}/bin/$applet"; done`,
    // What `#!/bin/sh` starts; the links above do not reach it.
    'mount --bind "$(command -v busybox)" "$(readlink -f /bin/sh)"',
  ];
}

function searchPath(directory: string, userland: Userland): string {
  const usual = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return userland === 'busybox' ? `${directory}/memory/bin:${usual}` : usual;
}

/** until awaits a condition; the message and what was seen last are in the error. The pause is the grain of looking, not a guess. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, limit_ms = 10_000): Promise<T> {
  const giveUpAt = performance.now() + limit_ms;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > giveUpAt) throw new Error(`${what}: not within ${String(limit_ms)} ms`);
    await delay(50);
  }
}
