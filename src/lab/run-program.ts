import { spawn } from 'node:child_process';

/** Completed is how a program ended. A program that a signal ended, or that ran out of time, has code -1 and says so on stderr. */
export type Completed = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  /** Text for standard input; without it the program reads end of file at once. */
  readonly input?: string;
  /** After this long the program is killed: nothing in the lab may hang a test run. */
  readonly timeoutMs?: number;
};

const defaultTimeoutMs = 30_000;

/** runProgram runs one program to its end and gives its output, whatever its exit code. Throws only when it cannot be started. */
export function runProgram(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<Completed> {
  const [file, ...args] = argv;
  return new Promise((resolve, reject) => {
    // A group of its own, so that running out of time ends what the program started as well.
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, options.timeoutMs ?? defaultTimeoutMs);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // A program may end without reading its input; how it ended is what counts.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const stderr = Buffer.concat(err).toString();
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(out).toString(),
        stderr: signal === null ? stderr : `${stderr}ended by ${signal}\n`,
      });
    });
  });
}

/** mustRun is runProgram for what has to work: it gives stdout, and throws with the command and what it said otherwise. */
export async function mustRun(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runProgram(argv, options);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${stderr.trim() || stdout.trim() || 'no output'}`);
  return stdout;
}
