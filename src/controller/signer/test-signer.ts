import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** RunningSigner is a signer of a test's own, with a directory of its own. */
export type RunningSigner = {
  readonly directory: string;
  readonly socketPath: string;
  /** kill ends it at once (SIGKILL) and waits until it is gone; `start` brings it back with the same directory. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** stop ends it and removes the directory. */
  stop(): Promise<void>;
};

/** startSigner runs the real signer process for tests; it has the supervisor's place. `prepare` may put a CA into its directory before. */
export async function startSigner(prepare?: (directory: string) => Promise<unknown>): Promise<RunningSigner> {
  const directory = await mkdtemp(join(tmpdir(), `cw-signer-${process.pid}-`));
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = await spawnUntilReady(directory);
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  try {
    await prepare?.(directory);
    await start();
  } catch (cause) {
    await rm(directory, { recursive: true, force: true });
    throw cause;
  }
  const stop = async (): Promise<void> => {
    await kill();
    await rm(directory, { recursive: true, force: true });
  };
  return { directory, socketPath: join(directory, 'sock', 'signer.sock'), kill, start, stop };
}

function spawnUntilReady(directory: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), directory], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let problem = '';
  return new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      problem += chunk.toString();
    });
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('signer ready')) resolve(child);
    });
    child.once('exit', (code) => reject(new Error(`the signer ended with ${String(code)}: ${problem}`)));
  });
}
