import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceStatus } from '../../src/contract/cli/service-status.ts';
import { serviceStatus } from '../../src/contract/cli/service-status.ts';
import type { SupervisedPart } from '../../src/contract/supervisor-control.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { BootedMachine } from '../../src/lab/booted-machine.ts';
import { startFlow } from '../../src/lab/flow.ts';
import type { InitSystem } from '../../src/lab/init-system.ts';
import type { ConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { awaitPage, buildConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { connectToInternet } from '../../src/lab/shapes/internet.ts';
import { headquarters } from '../../src/lab/shapes/site.ts';
import { World } from '../../src/lab/world.ts';

const checkout = join(import.meta.dirname, '..', '..');
/** Where the checkout and its data lie on the machine. */
export const causeway = '/opt/causeway/causeway';
export const data = '/var/lib/causeway';

const journals: Readonly<Record<InitSystem['kind'], readonly [string, ...string[]]>> = {
  systemd: ['journalctl', '--no-pager', '-u', 'causeway', '-n', '40'],
  openrc: ['tail', '-n', '40', '/var/log/causeway.log'],
};

/** Installation is how causeway comes onto a machine and runs there as its service. */
export type Installation = {
  /** The command. */
  readonly causeway: string;
  /** Directories of the real machine that are seen there: OUTSIDE:INSIDE. */
  readonly shared: readonly string[];
  readonly begin: (must: (...argv: readonly [string, ...string[]]) => Promise<string>, address: string) => Promise<void>;
};

const ofCheckout: Installation = {
  causeway,
  shared: [`${checkout}:/opt/causeway`],
  begin: async (must, address) => void (await must(causeway, 'service', 'install', '--hostname', address)),
};

/** ServedWpc is a working flow, Bob to HQ, over a region that an init system runs as a service (src/lab/booted-machine.ts). */
export class ServedWpc implements AsyncDisposable {
  readonly #world: World;
  readonly #causeway: string;
  readonly machine: BootedMachine;
  readonly wpc: ConnectedWpc;

  private constructor(world: World, command: string, machine: BootedMachine, wpc: ConnectedWpc) {
    this.#world = world;
    this.#causeway = command;
    this.machine = machine;
    this.wpc = wpc;
  }

  /** install has the service installed, and people and the connector connected. Nothing is left where it fails. */
  static async install(init: InitSystem, installation: Installation = ofCheckout): Promise<ServedWpc> {
    await using opened = new AsyncDisposableStack();
    const world = opened.use(await World.create());
    const outside = join(world.directory, 'd');
    mkdirSync(outside);
    const made = Promise.withResolvers<BootedMachine>();
    const wpc = await buildConnectedWpc(world, {
      region: async (_world, internet) => {
        const host = await world.host('region');
        const address = await connectToInternet(world, internet, host, '203.0.113.');
        // A disk of its own, which a cut of the power leaves; those outside read the CA's certificate there.
        const shared = [...installation.shared, `${outside}:${data}`, `${outside}:${outside}`];
        const machine = await BootedMachine.create(world, host, init, shared);
        made.resolve(machine);
        await installation.begin((...argv) => must(machine, ...argv), address);
        const explain = async <Value>(needed: Promise<Value>): Promise<Value> =>
          await needed.catch(async (error: unknown) => {
            throw new Error(
              `${error instanceof Error ? error.message : String(error)}\n--- region ---\n${await journal(machine)}`,
            );
          });
        const url = `https://${address}:443`;
        return { host, address, dataDirectory: outside, url, log: () => '', explain, process: machine.process };
      },
    });
    const machine = await made.promise;
    opened.move();
    return new ServedWpc(world, installation.causeway, machine, wpc);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world[Symbol.asyncDispose]();
  }

  /** A program on the machine; with what the service wrote where it fails. */
  async must(...argv: readonly [string, ...string[]]): Promise<string> {
    return await must(this.machine, ...argv);
  }

  async journal(...more: readonly string[]): Promise<string> {
    return await journal(this.machine, ...more);
  }

  async status() {
    const { stdout } = await this.machine.host.run([this.#causeway, 'service', 'status', '--json']);
    return serviceStatus.parse(JSON.parse(stdout));
  }

  async lanePids() {
    return new Map((await this.status()).running?.lanes.map(({ lane, pid }) => [lane, pid]));
  }

  /** What people lose while something is done to the service, which must leave every lane as it is. */
  async lossDuring(
    act: () => Promise<unknown>,
  ): Promise<{ readonly lost: number; readonly sent: number; readonly tookMs: number }> {
    const lanes = await this.lanePids();
    const flow = await this.#flowing();
    flow.begin();
    const startedAt = performance.now();
    await act();
    const tookMs = Math.round(performance.now() - startedAt);
    const { lost, sent, back } = await flow.stop();
    assert.ok(back, 'packets pass');
    assert.deepEqual(await this.lanePids(), lanes, 'the same lanes');
    return { lost, sent, tookMs };
  }

  /** Sends a part a signal and waits until another one has taken its place, and every part is ready. */
  async replaced(part: SupervisedPart | 'supervisor', signal: 'KILL' | 'STOP'): Promise<void> {
    const pidOf = ({ running }: ServiceStatus) =>
      part === 'supervisor' ? running?.pid : running?.parts.find((found) => found.part === part)?.pid;
    const former = pidOf(await this.status());
    await this.must('kill', `-${signal}`, String(former));
    await awaitCondition(
      `another ${part} is ready`,
      async () => {
        const now = await this.status();
        const isReady = now.running?.ready === true && now.running.parts.every(({ ready }) => ready);
        return isReady && pidOf(now) !== former ? true : undefined;
      },
      { withinMs: 150_000, everyMs: 500 },
    );
  }

  /**
   * After the service was removed: nothing of it in the kernel, nothing that answers, and the database where it was. `status` exits with 3 then, and the
   * shell's 127 says that the command went with its package.
   */
  async assertOnlyDataLeft(status: 3 | 127 = 3): Promise<void> {
    assert.doesNotMatch(await this.must('ip', '-br', 'link'), /cw0-/);
    assert.doesNotMatch(await this.must('nft', 'list', 'tables'), /causeway/);
    assert.equal((await this.machine.host.run([this.#causeway, 'service', 'status'])).code, status);
    assert.equal((await this.machine.host.run(['test', '-e', `${data}/pg`])).code, 0);
  }

  /** How long until Bob's packets pass again, after everything was lost at once. */
  async timeUntilBack(act: () => Promise<unknown>): Promise<number> {
    const flow = await this.#flowing();
    const startedAt = Date.now();
    await act();
    await awaitCondition(
      'packets pass again',
      () => (flow.unbrokenMs() > 500 && Date.now() - flow.unbrokenMs() > startedAt + 100 ? true : undefined),
      { withinMs: 150_000 },
    );
    const backMs = Date.now() - flow.unbrokenMs() - startedAt;
    await flow.stop();
    await awaitPage(this.wpc);
    return Math.round(backMs);
  }

  async #flowing() {
    const flow = startFlow({ from: this.wpc.bob.computer, to: headquarters.server });
    await awaitCondition('packets pass', () => (flow.unbrokenMs() > 200 ? true : undefined));
    return flow;
  }
}

async function must(machine: BootedMachine, ...argv: readonly [string, ...string[]]): Promise<string> {
  const { code, stdout, stderr } = await machine.host.run(argv, { timeoutMs: 180_000 });
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${stdout}${stderr}\n${await journal(machine)}`);
  return stdout;
}

async function journal(machine: BootedMachine, ...more: readonly string[]): Promise<string> {
  return (await machine.host.run([...journals[machine.init.kind], ...more])).stdout;
}
