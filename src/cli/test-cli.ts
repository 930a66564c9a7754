/**
 * The command in this process, for tests: its program with everything that it writes caught, and a socket that answers like the API. What is
 * about the process itself is in main.test.ts.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';
import type { Surroundings } from './surroundings.ts';

/** Ran is what a command line did. `became` is the program into which the command would have turned. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What the person at the terminal was asked. */
  readonly questions: readonly string[];
  readonly became?: { readonly program: string; readonly args: readonly string[]; readonly nodeOptions: readonly string[] };
}

export interface Terminal {
  /** What the person answers, in order; without it there is no terminal. */
  readonly answers?: readonly string[];
  /** Variables beside those of this process; undefined: not set. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Standard input. */
  readonly input?: string;
}

/** causeway runs one command line. Those that run at the same time must have the same environment. */
export async function causeway(args: readonly string[], { answers, environment = {}, input }: Terminal = {}): Promise<Ran> {
  let [out, err, code] = ['', '', 0];
  let became: Ran['became'];
  const questions: string[] = [];
  const ask = async (question: string): Promise<string | undefined> => {
    questions.push(question);
    return await Promise.resolve(answers?.[questions.length - 1]);
  };
  const surroundings: Surroundings = {
    writeOut: (text) => void (out += text),
    writeErr: (text) => void (err += text),
    become: (program, programArgs, nodeOptions = []) => void (became ??= { program, args: programArgs, nodeOptions }),
    run: (program) => Promise.reject(new Error(`nothing should have run ${program}`)),
    list: () => ['compile.ts', 'compile.test.ts', 'crash.ts', 'forwarding.ts'],
    setExitCode: (wanted) => void (code = wanted),
    hasTerminal: () => answers !== undefined,
    ask,
    askSecret: ask,
    readInput: async () => await Promise.resolve(input ?? assert.fail('standard input was read')),
  };
  const saved = Object.keys(environment).map((name) => [name, process.env[name]] as const);
  setEnvironment(Object.entries(environment));
  try {
    await runProgram(args, surroundings);
  } finally {
    setEnvironment(saved);
  }
  return { code, out, err, questions, ...(became === undefined ? {} : { became }) };
}

function setEnvironment(variables: readonly (readonly [string, string | undefined])[]): void {
  for (const [name, value] of variables) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/** withController gives `test` a data directory where `listener` answers on run/api.sock. */
export async function withController<Result>(
  listener: RequestListener,
  test: (data: string) => Promise<Result>,
): Promise<Result> {
  const data = await mkdtemp(join(tmpdir(), 'cw-cli-'));
  const server = createServer(listener);
  try {
    await mkdir(join(data, 'run'), { mode: 0o700 });
    await new Promise<void>((resolve) => {
      server.listen(join(data, 'run', 'api.sock'), resolve);
    });
    return await test(data);
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(data, { recursive: true });
  }
}
