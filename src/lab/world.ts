import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Disk, unmountBelow } from './disk.ts';
import { Host } from './host.ts';
import { killAllIn } from './kill-all-in.ts';
import { becomeMachine } from './machine.ts';
import { mustRun, runProgram } from './run-program.ts';
import { ownerText, runsDirectory, sweepDeadRuns } from './sweep.ts';

/** End is one end of a cable: a host, the name that the device has there, and its addresses ("10.0.0.10/18"). */
export type End = { readonly host: Host; readonly device: string; readonly addresses?: readonly string[] };

/**
 * World is one run of the lab: all its hosts, under names that no other run has. Make it with `World.create`, which first removes what
 * dead runs left, and dispose of it in a `finally` (or `await using`): then nothing is left, also after a failure half-way.
 */
export class World implements AsyncDisposable {
  readonly id: string;
  /** A short directory of this run alone: unix sockets below a data directory have 107 bytes. */
  readonly directory: string;
  readonly hosts = new Map<string, Host>();
  #cables = 0;

  private constructor(id: string) {
    this.id = id;
    this.directory = join(runsDirectory, id);
  }

  static async create(): Promise<World> {
    await sweepDeadRuns();
    const world = new World(`${process.pid.toString(36)}${randomBytes(3).toString('hex')}`);
    // Others must be able to pass through: the product's unprivileged processes live in a directory below.
    mkdirSync(world.directory, { recursive: true, mode: 0o711 });
    writeFileSync(join(world.directory, 'owner'), ownerText(process.pid));
    return world;
  }

  /** A host with nothing but its loopback. */
  async host(name: string): Promise<Host> {
    const host = new Host(name, `cwlab-${this.id}-${name}`);
    this.hosts.set(name, host);
    await mustRun(['ip', 'netns', 'add', host.namespace]);
    await host.ip('link set lo up');
    // A new namespace inherits the machine's setting; a computer as it comes does not forward.
    await host.sysctl({ 'net/ipv4/ip_forward': 0 });
    return host;
  }

  /** A host with its own file system view and process ids, on which installers can run (machine.ts). */
  async machine(name: string): Promise<Host> {
    const host = await this.host(name);
    const scratch = join(this.directory, name);
    mkdirSync(scratch);
    await becomeMachine(host, scratch);
    return host;
  }

  /** A file system of its own below the world's directory (disk.ts); machines have to be there before. */
  async disk(name: string, megabytes: number): Promise<Disk> {
    return Disk.create(this.directory, name, megabytes);
  }

  /** A switch: everything plugged into it shares one LAN. It is a host of its own, so that routers see only what is theirs. */
  async switch(name: string): Promise<Host> {
    const host = await this.host(name);
    await host.ip('link add br0 type bridge', 'link set br0 up');
    return host;
  }

  /** Connects two hosts by a veth pair and gives both ends their addresses. */
  async cable(a: End, b: End): Promise<void> {
    this.#cables += 1;
    const [one, other] = [`l${this.id}${this.#cables}a`, `l${this.id}${this.#cables}b`].map((name) => name.slice(-15));
    if (one === undefined || other === undefined) throw new Error('unreachable: two names were made');
    await mustRun([
      'ip',
      'link',
      'add',
      one,
      'netns',
      a.host.namespace,
      'type',
      'veth',
      'peer',
      'name',
      other,
      'netns',
      b.host.namespace,
    ]);
    await Promise.all([configureEnd(a, one), configureEnd(b, other)]);
  }

  /** Plugs a host into a switch. */
  async plug(end: End, into: Host): Promise<void> {
    const port = portOf(end.host);
    await this.cable(end, { host: into, device: port });
    await into.ip(`link set ${port} master br0`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Products in order first: a supervisor stops what it started by itself. Machines end with their first process.
    await Promise.allSettled([...this.hosts.values()].map((host) => host.stop(10_000)));
    const failures: string[] = [];
    for (const host of this.hosts.values()) {
      await killAllIn(host.namespace);
      const { code, stderr } = await runProgram(['ip', 'netns', 'del', host.namespace]);
      if (code !== 0 && !stderr.includes('No such file')) failures.push(`${host.namespace}: ${stderr.trim()}`);
    }
    await unmountBelow(this.directory);
    rmSync(this.directory, { recursive: true, force: true });
    if (failures.length > 0) throw new Error(`the lab could not remove ${failures.join('; ')}`);
  }
}

/** portOf is the name of a host's port on the switch that it is plugged into (15 characters at most, IFNAMSIZ). */
function portOf(host: Host): string {
  return `p-${host.name}`.slice(0, 15);
}

/** pullPlug takes a host off its switch, as a cut cable does: what runs on it goes on and does not know. */
export async function pullPlug(host: Host, from: Host): Promise<void> {
  await from.ip(`link set ${portOf(host)} down`);
}

export async function putPlugBack(host: Host, into: Host): Promise<void> {
  await into.ip(`link set ${portOf(host)} up`);
}

async function configureEnd(end: End, name: string): Promise<void> {
  await end.host.ip(
    `link set ${name} name ${end.device}`,
    ...(end.addresses ?? []).map((address) => `addr add ${address} dev ${end.device}`),
    `link set ${end.device} up`,
  );
}
