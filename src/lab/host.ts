import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Completed, RunOptions } from './run-program.ts';
import { mustRun, runProgram } from './run-program.ts';

/** Started is a program that stays until the host is stopped, with its output to read. It is ended by `signalStarted`: kill() is taken away. */
export type Started = Omit<ChildProcess, 'kill' | 'stdout' | 'stderr'> & {
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
};

/** signalStarted signals the program and what it runs under: entering a machine leaves a waiting nsenter that passes no signal on. */
export function signalStarted(child: Started, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in between, and its group with it.
  }
}

/**
 * Host is one computer of the lab: a network namespace, and for a machine that gets software installed (machine.ts) also its own
 * mounts and process ids. Everything started on it ends with it.
 */
export class Host {
  readonly name: string;
  readonly namespace: string;
  #enter: readonly [string, ...string[]];
  readonly #background = new Map<Started, NodeJS.Signals>();

  constructor(name: string, namespace: string) {
    this.name = name;
    this.namespace = namespace;
    this.#enter = ['ip', 'netns', 'exec', namespace];
  }

  /** From now on programs run inside the namespaces of this process as well. Only machine.ts calls it. */
  enterBy(prefix: readonly [string, ...string[]]): void {
    this.#enter = prefix;
  }

  /** The command that gives a shell on this host, for people. */
  get shell(): string {
    return [...this.#enter, 'bash'].join(' ');
  }

  run(argv: readonly string[], options?: RunOptions): Promise<Completed> {
    return runProgram([...this.#enter, ...argv], options);
  }

  /** stdout of a program that has to succeed. */
  must(argv: readonly string[], options?: RunOptions): Promise<string> {
    return mustRun([...this.#enter, ...argv], options);
  }

  /** Runs several `ip` commands, one a line, in one process; all of them or an error. */
  async ip(...commands: readonly string[]): Promise<void> {
    await this.must(['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
  }

  /** Loads an nftables text. */
  async nft(text: string): Promise<void> {
    await this.must(['nft', '-f', '-'], { input: text });
  }

  /** Sets kernel parameters by their path form, since device names may hold dots. */
  async sysctl(settings: Readonly<Record<string, string | number>>): Promise<void> {
    const lines = Object.entries(settings).map(([path, value]) => `echo ${value} >/proc/sys/${path}`);
    await this.must(['sh', '-ec', lines.join('\n')]);
  }

  /**
   * Starts a program that stays; its output is for the caller to read. When the host is stopped it is sent `endBy`, and is killed
   * if it does not go.
   */
  start(argv: readonly string[], endBy: NodeJS.Signals = 'SIGTERM'): Started {
    const [file, ...prefix] = this.#enter;
    // A process group of its own: Ctrl-C at the terminal reaches the lab alone, which then ends the hosts in order.
    const child = spawn(file, [...prefix, ...argv], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#background.set(child, endBy);
    child.once('exit', () => this.#background.delete(child));
    return child;
  }

  /** Ends what was started here; what does not go within the time is killed. */
  async stop(withinMs: number): Promise<void> {
    const ended = [...this.#background].map(
      ([child, endBy]) =>
        new Promise<void>((resolve) => {
          const timer = setTimeout(() => signalStarted(child, 'SIGKILL'), withinMs);
          child.once('exit', () => {
            clearTimeout(timer);
            resolve();
          });
          signalStarted(child, endBy);
        }),
    );
    await Promise.all(ended);
  }
}
