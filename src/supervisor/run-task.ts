import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { systemPath } from './find-program.ts';
import type { Log } from './log.ts';
import { withPrivileges } from './privileges.ts';
import type { ProcessPlan } from './supervised-process.ts';

/** TaskPlan is a program of ours that does one thing and ends: stdout is its answer, stderr says what it does or why it failed. */
export type TaskPlan = Pick<ProcessPlan, 'command' | 'privileges' | 'workingDirectory' | 'environment'>;

/** Enough to say why. */
const keptWords = 2_000;

/**
 * runTask runs it to its end, however long that takes, and gives what it wrote to stdout; what it says meanwhile goes to the log. Rejects with its
 * last words if it fails. `signal` ends it with SIGTERM, and with SIGKILL where it has not left in `patienceMs`.
 */
export async function runTask(plan: TaskPlan, log: Log, signal: AbortSignal, patienceMs = 5_000): Promise<string> {
  const [program = '', ...args] = await withPrivileges(plan.privileges, plan.command);
  signal.throwIfAborted();
  const child = spawn(program, args, {
    cwd: plan.workingDirectory,
    env: { PATH: systemPath, LANG: 'C.UTF-8', HOME: '/nonexistent', ...plan.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends the task.
    detached: true,
  });
  let words = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    words = `${words}${line}\n`.slice(-keptWords);
    log.relay(line);
  });
  let answer = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  let force: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill('SIGTERM');
    force = setTimeout(() => {
      child.kill('SIGKILL');
      // What it has started may hold them for longer than anybody waits.
      child.stdout.destroy();
      child.stderr.destroy();
    }, patienceMs);
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    const how = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, killedBy) => resolve(killedBy ?? `exit ${String(code)}`));
    });
    if (how === 'exit 0') return answer.trim();
    throw new Error(words.trim() || how);
  } finally {
    clearTimeout(force);
    signal.removeEventListener('abort', end);
  }
}
