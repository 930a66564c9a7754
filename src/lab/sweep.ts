import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unmountBelow } from './disk.ts';
import { killAllIn } from './kill-all-in.ts';
import { runProgram } from './run-program.ts';

/** Every run has a directory here that says who made it; a run whose maker is dead is removed by the next one. */
export const runsDirectory = '/tmp/cwlab';

/** ownerText names a process for good: a pid alone may be given to another process later. */
export function ownerText(pid: number): string {
  return `${pid} ${startTime(pid) ?? ''}`;
}

/** Start of a process in clock ticks since boot: field 22 of /proc/PID/stat (proc(5)); undefined when it does not run. */
function startTime(pid: number): string | undefined {
  try {
    // The command in field 2 may hold spaces and brackets, so count from its end.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isAlive(owner: string): boolean {
  const [pid, started] = owner.split(' ');
  return started !== undefined && started !== '' && startTime(Number(pid)) === started;
}

/** sweepDeadRuns removes namespaces, processes and files of runs whose process no longer lives. Running ones are left alone. */
export async function sweepDeadRuns(): Promise<readonly string[]> {
  mkdirSync(runsDirectory, { recursive: true, mode: 0o711 });
  const dead = readdirSync(runsDirectory).filter((id) => {
    const file = join(runsDirectory, id, 'owner');
    // No owner yet: a run that is just being made. Its file follows its directory at once.
    return existsSync(file) && !isAlive(readFileSync(file, 'utf8'));
  });
  for (const id of dead) {
    const { stdout } = await runProgram(['ip', 'netns', 'list']);
    for (const line of stdout.split('\n')) {
      const [namespace] = line.split(' ');
      if (namespace === undefined || !namespace.startsWith(`cwlab-${id}-`)) continue;
      await killAllIn(namespace);
      await runProgram(['ip', 'netns', 'del', namespace]);
    }
    await unmountBelow(join(runsDirectory, id));
    rmSync(join(runsDirectory, id), { recursive: true, force: true });
  }
  return dead;
}
