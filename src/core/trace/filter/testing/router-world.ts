import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import type { FlowCommand, FlowEvent } from './flow.ts';

/** Addresses of the hosts: a client, a router between, a server on two segments. */
export const clientAddresses = [1, 2, 3, 4, 5, 6].map((host) => `10.10.0.${String(host)}`);
export const lanAddresses = [1, 2, 3, 4, 5, 6].map((host) => `10.20.0.${String(host)}`);
export const wanAddresses = [1, 2, 3, 4, 5, 6].map((host) => `10.30.0.${String(host)}`);
export const serverPorts = [53, 80, 443, 1000, 5000, 8080];
/** The first is the one that the router masquerades with. */
export const routerLan = ['10.20.0.254', '10.20.0.250'];
export const routerWan = ['10.30.0.254', '10.30.0.250'];
export const routerTun = '10.10.0.254';

/** RouterWorld is three namespaces and a process in the first and the last; everything is gone at dispose. */
export class RouterWorld implements AsyncDisposable {
  readonly #prefix = `cwf${String(process.pid)}`;
  readonly #workers: ChildProcess[] = [];
  readonly #events: FlowEvent[] = [];
  #news: () => void = () => undefined;

  static async open(): Promise<RouterWorld> {
    const world = new RouterWorld();
    try {
      world.#build();
      const server = world.#start('s');
      world.#start('c');
      world.#tell(server, { kind: 'listen', addresses: [...lanAddresses, ...wanAddresses], ports: serverPorts });
      await world.until('the server listens', (events) => events.some(({ kind }) => kind === 'ready'));
    } catch (cause) {
      await world[Symbol.asyncDispose]();
      throw cause;
    }
    return world;
  }

  #build(): void {
    for (const host of ['c', 'r', 's']) execFileSync('ip', ['netns', 'add', this.#name(host)]);
    this.#cable('c', 'up0', 'r', 'tun7');
    this.#cable('r', 'lan0', 's', 'lan');
    this.#cable('r', 'wan0', 's', 'wan');
    const addresses: readonly (readonly [string, string, readonly string[]])[] = [
      ['c', 'up0', clientAddresses],
      ['r', 'tun7', [routerTun]],
      ['r', 'lan0', routerLan],
      ['r', 'wan0', routerWan],
      ['s', 'lan', lanAddresses],
      ['s', 'wan', wanAddresses],
    ];
    for (const [host, device, list] of addresses) {
      for (const address of list) this.#ip(host, `addr add ${address}/24 dev ${device}`);
      this.#ip(host, `link set ${device} up`);
      this.#ip(host, 'link set lo up');
    }
    this.#ip('c', `route add default via ${routerTun}`);
    this.#ip('s', 'route add 10.10.0.0/24 via 10.20.0.254');
    for (const host of ['r', 's']) this.run(host, 'sysctl', ['-qw', 'net.ipv4.conf.all.rp_filter=0']);
    // The rule sets reject; every rejection is wanted, and none may be held back by a limit of the kernel's.
    this.run('r', 'sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.send_redirects=0', 'net.ipv4.icmp_ratelimit=0']);
  }

  /** run runs a program in a host (c, r or s); throws with its words if it fails. */
  run(host: string, program: string, args: readonly string[], input = ''): string {
    return execFileSync('ip', ['netns', 'exec', this.#name(host), program, ...args], {
      encoding: 'utf8',
      input,
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  }

  /** order tells the client's worker what to do, and forgets what came before. */
  order(command: FlowCommand): void {
    this.#events.length = 0;
    const client = this.#workers[1];
    if (client !== undefined) this.#tell(client, command);
  }

  get events(): readonly FlowEvent[] {
    return this.#events;
  }

  /** until waits for events that the test wants; false if they do not come in time. */
  async until(what: string, look: (events: readonly FlowEvent[]) => boolean, limit_ms = 10_000): Promise<boolean> {
    const gaveUp = Symbol(what);
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<symbol>((resolve) => {
      timer = setTimeout(() => resolve(gaveUp), limit_ms);
    });
    try {
      while (!look(this.#events)) {
        const news = new Promise<void>((resolve) => {
          this.#news = resolve;
        });
        if ((await Promise.race([news, limit])) === gaveUp) return false;
      }
      return true;
    } finally {
      clearTimeout(timer);
    }
  }

  #start(host: string): ChildProcess {
    const program = fileURLToPath(new URL('flow-worker/main.ts', import.meta.url));
    const worker = spawn('ip', ['netns', 'exec', this.#name(host), process.execPath, program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#workers.push(worker);
    createInterface({ input: worker.stdout }).on('line', (line) => {
      this.#events.push(JSON.parse(line) as FlowEvent);
      this.#news();
    });
    return worker;
  }

  #tell(worker: ChildProcess, command: FlowCommand): void {
    worker.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  #cable(a: string, deviceA: string, b: string, deviceB: string): void {
    const ends = ['netns', this.#name(a), 'type', 'veth', 'peer', 'name', deviceB, 'netns', this.#name(b)];
    execFileSync('ip', ['link', 'add', deviceA, ...ends]);
  }

  #ip(host: string, command: string): void {
    execFileSync('ip', ['-n', this.#name(host), ...command.split(' ')]);
  }

  #name(host: string): string {
    return `${this.#prefix}${host}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) worker.stdin?.end();
    await Promise.all(this.#workers.map((worker) => (worker.exitCode === null ? once(worker, 'exit') : Promise.resolve())));
    for (const host of ['c', 'r', 's']) {
      try {
        execFileSync('ip', ['netns', 'del', this.#name(host)], { stdio: 'ignore' });
      } catch {
        // It was not made.
      }
    }
  }
}
