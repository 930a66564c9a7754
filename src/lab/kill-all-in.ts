import { runProgram } from './run-program.ts';

/** killAllIn ends every process in a namespace of ours: all were started by the run that made it, directly or not. */
export async function killAllIn(namespace: string): Promise<void> {
  const { stdout } = await runProgram(['ip', 'netns', 'pids', namespace]);
  for (const pid of stdout.split('\n').filter((line) => line !== '')) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone between listing and killing: what was wanted.
    }
  }
}
