import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemPath } from './find-program.ts';
import type { Log } from './log.ts';
import { withPrivileges } from './privileges.ts';
import type { ProcessPlan } from './supervised-process.ts';

/** TaskPlan is a program of ours that does one thing and ends: stdout is its answer, stderr says what it did or why it failed. */
export type TaskPlan = Pick<ProcessPlan, 'command' | 'privileges' | 'workingDirectory' | 'environment'>;

/**
 * runTask runs it to its end, however long that takes, and gives what it wrote to stdout. Rejects with its last words if it fails; `signal` ends it
 * with SIGTERM.
 */
export async function runTask(plan: TaskPlan, log: Log, signal: AbortSignal): Promise<string> {
  const [program = '', ...args] = await withPrivileges(plan.privileges, plan.command);
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, {
      cwd: plan.workingDirectory,
      env: { PATH: systemPath, LANG: 'C.UTF-8', HOME: '/nonexistent', ...plan.environment },
      signal,
    });
    for (const line of stderr.trim().split('\n')) if (line !== '') log.relay(line);
    return stdout.trim();
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    if (said === '') throw cause;
    // Without its cause: that repeats the whole command line, which says nothing to whoever reads it.
    throw new Error(said.slice(-2000));
  }
}
