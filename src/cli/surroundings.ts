import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Surroundings is what commands touch outside themselves: the terminal, and the other programs of this repository. */
export interface Surroundings {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** Replaces this process by a program of this repository (path below its root), so that its exit code and signals are ours. */
  become(program: string, args: readonly string[], nodeOptions?: readonly string[]): void;
  /** Runs such a program on our terminal and gives its exit code, 128 + N after signal N. */
  run(program: string, args: readonly string[]): Promise<number>;
  /** Names of the files in a directory of this repository; none when it does not exist. */
  list(directory: string): string[];
  setExitCode(code: number): void;
  /** Somebody is there to answer. */
  hasTerminal(): boolean;
  /** Asks the person at the terminal; undefined where there is none, or the person ends it. */
  ask(question: string): Promise<string | undefined>;
  /** The same, without showing what is typed. */
  askSecret(question: string): Promise<string | undefined>;
  /** All of standard input. */
  readInput(): Promise<string>;
}

const root = join(import.meta.dirname, '..', '..');

/** realSurroundings is the machine itself. */
export const realSurroundings: Surroundings = {
  writeOut: (text) => void process.stdout.write(text),
  writeErr: (text) => void process.stderr.write(text),
  become(program, args, nodeOptions = []) {
    // execve, not spawn: a supervisor that runs for months should not have an idle Node of 40 MB above it, and signals
    // reach it without being passed on. It is in every Node that the launcher accepts.
    if (process.execve === undefined) throw new Error(`this Node, ${process.version}, cannot replace its process`);
    process.execve(process.execPath, [process.execPath, ...nodeOptions, join(root, program), ...args], process.env);
  },
  run: (program, args) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, program), ...args], { stdio: 'inherit' });
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    }),
  list(directory) {
    try {
      return readdirSync(join(root, directory));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  },
  setExitCode(code) {
    process.exitCode = code;
  },
  hasTerminal,
  ask: async (question) => await askTerminal(question, process.stderr),
  async askSecret(question) {
    const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
    const answer = await askTerminal(question, unseen);
    if (answer !== undefined) process.stderr.write('\n');
    return answer;
  },
  readInput: async () => await text(process.stdin),
};

function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** What is typed is shown by readline on `echo`, and by nobody else: it takes the terminal's own echo away. */
async function askTerminal(question: string, echo: NodeJS.WritableStream): Promise<string | undefined> {
  if (!hasTerminal()) return undefined;
  const terminal = createInterface({ input: process.stdin, output: echo, terminal: true });
  // Only now: what is typed before the terminal's own echo is off would be shown.
  if (echo !== process.stderr) process.stderr.write(question);
  try {
    return await new Promise<string | undefined>((resolve) => {
      terminal.once('close', () => resolve(undefined));
      terminal.once('SIGINT', () => resolve(undefined));
      terminal.question(question, resolve);
    });
  } finally {
    terminal.close();
  }
}
