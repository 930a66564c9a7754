/**
 * What the supervisor's integration tests share: a place of their own (scratch.ts), a run of `up` in it, and what /proc says of processes.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { UpOptions } from '../../contract/cli/up-options.ts';
import { controlSocket } from '../../contract/supervisor-control.ts';

const standInUp = path.join(import.meta.dirname, '..', 'stand-ins', 'up', 'main.ts');

/** UpRun is one `up`, from its start to its exit code. */
export class UpRun {
  readonly #process: ChildProcess;
  readonly #exit: Promise<number | string>;
  #stdout = '';
  #stderr = '';

  constructor([program = '', ...args]: readonly string[]) {
    const { DATABASE_URL: _none, ...env } = process.env;
    this.#process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    this.#process.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString('utf8')));
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString('utf8')));
    this.#exit = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The ready line's URL. */
  async ready(): Promise<string> {
    await this.eventually('the ready line', () => /^ready \S+\n$/.test(this.#stdout));
    return this.#stdout.trim().slice('ready '.length);
  }

  /** Closes our ends of its stdout and stderr, as a pipe's reader that has seen enough. */
  closeOutput(): void {
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
  }

  /** How often the log says this of a part. */
  count(part: string, text: string): number {
    return this.#stderr.split('\n').filter((line) => line.includes(` ${part} `) && line.includes(text)).length;
  }

  /** The pid in the last line of the log that says this of a part. */
  pidOf(part: string, text = 'started'): number {
    const line = this.#stderr
      .split('\n')
      .findLast((candidate) => candidate.includes(` ${part} `) && candidate.includes(` ${text} `) && candidate.includes('pid='));
    const pid = Number(/ pid=(\d+)/.exec(line ?? '')?.[1] ?? 0);
    if (pid === 0) throw new Error(`the log has no "${text}" of ${part}:\n${this.#stderr}`);
    return pid;
  }

  async eventually(what: string, condition: () => boolean | Promise<boolean>, boundMs = 45_000): Promise<void> {
    const giveUpAt = performance.now() + boundMs;
    while (!(await condition())) {
      if (this.#process.exitCode !== null)
        throw new Error(`up ended with ${String(this.#process.exitCode)} before ${what}:\n${this.#stderr}`);
      if (performance.now() > giveUpAt) {
        this.#process.kill('SIGTERM');
        throw new Error(`${what} did not come within ${String(boundMs)} ms:\n${this.#stderr}`);
      }
      await delay(5);
    }
  }

  /** Waits for the end; the exit code, or the signal's name. */
  async exit(boundMs = 30_000): Promise<number | string> {
    const bound = new AbortController();
    const late = delay(boundMs, undefined, { signal: bound.signal }).then(() => {
      this.#process.kill('SIGKILL');
      throw new Error(`up did not end within ${String(boundMs)} ms:\n${this.#stderr}`);
    });
    try {
      return await Promise.race([this.#exit, late]);
    } finally {
      bound.abort();
      late.catch(() => undefined);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.#process.kill(signal);
    return this.exit();
  }
}

/**
 * standIns is the command line of `up` with stand-ins for controller and gateway agent. `prefix` goes before Node: a namespace to run in.
 */
export function standIns(
  options: UpOptions,
  prefix: readonly string[],
  { node = process.execPath, program = standInUp } = {},
): string[] {
  return [...prefix, node, program, JSON.stringify(options)];
}

/** upOptionsFor are options as the command line would give them, for a namespace where every port is free. */
export function upOptionsFor(data: string, changes: Partial<UpOptions> = {}): UpOptions {
  return {
    data,
    listen: { address: '0.0.0.0', port: 0 },
    hostname: null,
    vpnPort: 1194,
    region: null,
    gateway: true,
    tls: null,
    ...changes,
  };
}

/** askLocal asks the controller over DIR/run/api.sock, which lies in the file system and so works from every network namespace. */
export function askLocal(data: string, url = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const ask = request({ socketPath: path.join(data, 'run', 'api.sock'), path: url }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body));
    });
    ask.once('error', reject);
    ask.end();
  });
}

/** askControl sends one line to the supervisor's own socket and gives the answer. */
export async function askControl(data: string, line: string): Promise<unknown> {
  const socket = connect({ path: controlSocket(data) });
  socket.write(`${line}\n`);
  return JSON.parse(await text(socket));
}
