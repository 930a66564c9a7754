import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Scratch is one test's place: a directory and a network namespace, both with names of their own. remove() takes both away. */
export type Scratch = {
  readonly directory: string;
  readonly namespace: string;
  readonly remove: () => void;
};

/** createScratch makes them; the namespace has a loopback and a default route, so that a hostname can be guessed in it. */
export function createScratch(): Scratch {
  const id = `${String(process.pid)}-${randomBytes(3).toString('hex')}`;
  const namespace = `cwsup-${id}`;
  const directory = mkdtempSync(path.join(os.tmpdir(), 'cwsup-'));
  // mkdtemp makes it 0700; the system users have to come through.
  chmodSync(directory, 0o755);
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
  ip('netns', 'add', namespace);
  const inside = (...args: string[]) => ip('-n', namespace, ...args);
  inside('link', 'set', 'lo', 'up');
  inside('link', 'add', 'uplink', 'type', 'veth', 'peer', 'name', 'uplink-peer');
  inside('address', 'add', '192.0.2.10/24', 'dev', 'uplink');
  inside('link', 'set', 'uplink', 'up');
  inside('link', 'set', 'uplink-peer', 'up');
  inside('route', 'add', 'default', 'via', '192.0.2.1');
  return {
    directory,
    namespace,
    remove: () => {
      // Whatever a failed test left running; nobody else has processes in this namespace.
      for (const pid of ip('netns', 'pids', namespace).toString().split('\n')) if (pid !== '') killIfThere(Number(pid));
      ip('netns', 'delete', namespace);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}
