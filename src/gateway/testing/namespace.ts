/**
 * Helpers of the gateway's tests and benchmarks that need a kernel of their own: network namespaces with names unique per run. Run as
 * root: `node --test 'src/gateway/**\/*.test.ts'`.
 */
import { execFileSync } from 'node:child_process';
import type { CommandRunner } from '../kernel/run-command.ts';
import { runCommand } from '../kernel/run-command.ts';

let counter = 0;

/** Namespace is one host: a network namespace that is removed with its processes' devices at dispose. */
export class Namespace implements Disposable {
  readonly name: string;

  constructor(label: string) {
    counter += 1;
    this.name = `gwt${String(process.pid)}-${String(counter)}-${label}`;
    execFileSync('ip', ['netns', 'add', this.name]);
    this.ip('link set lo up');
  }

  /** ip runs one ip command inside; throws with ip's words if it fails. */
  ip(command: string): string {
    return execFileSync('ip', ['-n', this.name, ...command.split(' ')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** exec runs a program inside and gives its output; throws if it fails. */
  exec(program: string, ...args: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, program, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  sysctl(name: string, value: string): void {
    this.exec('sysctl', '-qw', `${name}=${value}`);
  }

  /** run is a CommandRunner whose programs see this namespace. */
  readonly run: CommandRunner = (program, args, input) => runCommand('ip', ['netns', 'exec', this.name, program, ...args], input);

  [Symbol.dispose](): void {
    execFileSync('ip', ['netns', 'del', this.name]);
  }
}

/** connectHosts lays a cable between two hosts: a veth pair, one end in each, up. */
export function connectHosts(
  a: Namespace,
  deviceA: string,
  addressA: string,
  b: Namespace,
  deviceB: string,
  addressB: string,
): void {
  execFileSync('ip', ['link', 'add', deviceA, 'netns', a.name, 'type', 'veth', 'peer', 'name', deviceB, 'netns', b.name]);
  a.ip(`addr add ${addressA} dev ${deviceA}`);
  b.ip(`addr add ${addressB} dev ${deviceB}`);
  a.ip(`link set ${deviceA} up`);
  b.ip(`link set ${deviceB} up`);
}

/** until awaits a condition, looking every 20 ms; after `withinMs` it throws with the message and what was seen last. */
export async function until<Value>(
  message: string,
  look: () => Value | undefined | false | null | Promise<Value | undefined | false | null>,
  withinMs = 10_000,
): Promise<Value> {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false && seen !== null) return seen;
    if (Date.now() > end) throw new Error(`waited ${String(withinMs)} ms in vain: ${message}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
