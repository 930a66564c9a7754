/** Looks at everything once a second, for as long as the soak lasts: flows, transfers, and what must not be reached. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Flow } from '../../src/lab/flow.ts';
import { startFlow } from '../../src/lab/flow.ts';
import type { Host } from '../../src/lab/host.ts';
import { routeDecision } from '../../src/lab/host-facts.ts';
import { clientDevice } from '../../src/lab/shapes/connected-wpc.ts';
import { internetServiceAddress } from '../../src/lab/shapes/internet.ts';
import { branch, headquarters, publicAddressOf } from '../../src/lab/shapes/site.ts';
import type { Sample, Window } from './judge.ts';
import { judge } from './judge.ts';
import type { SoakWorld } from './soak-world.ts';

/** Slow enough that a soak leaves the machine to the product, and fast enough that a gap of half a second shows. */
const everyMs = 100;
const transferBytes = 300_000;

/**
 * As fast as a line with a queue of its own would let it pass. In one burst it overflows the receive buffer of a lane that waits for its turn of the
 * CPU (208 kB, some 90 packets), and what is lost then, a ping among it, is nobody's fault.
 */
const transferRate = '300k';

/** What a download has to be: as web-page.ts of the lab makes it. */
const expectedHash = createHash('sha256')
  .update(Buffer.alloc(transferBytes, 'a download of the lab, byte by byte as sent'))
  .digest('hex');

export type Violation = { readonly atMs: number; readonly what: string };

const nothing = { lost: new Map<string, number>(), reached: [], failedTransfers: 0, wrongTransfers: 0 };

/** Watch keeps what it has seen; begin a window before a fault, and end it when everything is as before. */
export class Watch implements AsyncDisposable {
  readonly windows: Window[] = [];
  readonly violations: Violation[] = [];
  readonly flows: ReadonlyMap<string, Flow>;
  readonly #denied: ReadonlyMap<string, Flow>;
  readonly #end = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #lost = new Map<string, number>();
  transfers = 0;

  constructor({ people }: SoakWorld) {
    const { bob, alice, carol, dave } = people;
    this.flows = new Map([
      ['Bob to HQ', startFlow({ from: bob, to: headquarters.server, everyMs })],
      ['Bob to Branch', startFlow({ from: bob, to: branch.server, everyMs })],
      ['Alice to the internet by HQ', startFlow({ from: alice, to: internetServiceAddress, everyMs })],
    ]);
    this.#denied = new Map([
      ['the internet by Carol, whose group has none', startFlow({ from: carol, to: internetServiceAddress, everyMs })],
      ['HQ by Dave, who is suspended', startFlow({ from: dave, to: headquarters.server, everyMs })],
    ]);
    this.#running = Promise.all([
      this.#every(1_000, async () => this.#look()),
      this.#every(500, () => this.#tryWhatIsDenied(carol)),
      this.#every(2_000, () => this.#transfer(bob)),
      this.#every(2_000, () => this.#visit(alice)),
    ]);
  }

  /** unbrokenMs is for how long every flow has been whole. */
  unbrokenMs(): number {
    return Math.min(...[...this.flows.values()].map((flow) => flow.unbrokenMs()));
  }

  open(faults: readonly string[], harmless: boolean): void {
    this.windows.push({ fromMs: Date.now(), toMs: null, faults, harmless });
  }

  close(): void {
    const last = this.windows.pop();
    if (last !== undefined) this.windows.push({ ...last, toMs: Date.now() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
    await Promise.all([...this.flows.values(), ...this.#denied.values()].map((flow) => flow.stop()));
  }

  #look(): void {
    const lost = new Map<string, number>();
    for (const [name, flow] of this.flows) {
      const { lost: total, back } = flow.loss();
      const before = this.#lost.get(name) ?? 0;
      // What is on its way, or waits to be read by us on a machine that is busy, is no loss: that shows when a later one is answered.
      if (!back) continue;
      lost.set(name, Math.max(0, total - before));
      this.#lost.set(name, Math.max(total, before));
    }
    this.#judge({ ...nothing, atMs: Date.now(), lost });
  }

  /** Policy holds while the tunnel is up (docs/internet-access.md): an answer from before it was is nobody's fault. */
  async #tryWhatIsDenied(carol: Host): Promise<void> {
    const beganAt = Date.now();
    if (!(await goesByTunnel(carol))) return;
    await delay(1_000);
    if (!(await goesByTunnel(carol))) return;
    const reached = [...this.#denied].filter(([, flow]) => (flow.lastAt() ?? 0) > beganAt);
    this.#judge({ ...nothing, atMs: Date.now(), reached: reached.map(([name]) => name) });
  }

  /** A transfer belongs to the time from its beginning to its end: a fault anywhere in it explains why it came to nothing. */
  async #transfer(from: Host): Promise<void> {
    const beganAt = Date.now();
    const url = `http://${headquarters.server}/bytes/${transferBytes}`;
    const script = `curl -s --fail --limit-rate ${transferRate} --max-time 8 -o /root/soak.bin ${url} && sha256sum /root/soak.bin`;
    const { code, stdout } = await from.run(['sh', '-c', script]);
    this.transfers += 1;
    if (stdout.startsWith(expectedHash)) return;
    const size = code === 0 ? { wrongTransfers: 1 } : { failedTransfers: 1 };
    const outcomes = [beganAt, Date.now()].map((atMs) => judge({ ...nothing, ...size, atMs }, this.windows));
    if (outcomes.every((outcome) => outcome.length > 0)) this.#note(outcomes[0] ?? []);
  }

  /** What the service on the internet says by which address it sees Alice: by her own line, with the tunnel up, it would be a leak. */
  async #visit(alice: Host): Promise<void> {
    if (!(await goesByTunnel(alice))) return;
    const { code, stdout } = await alice.run(['curl', '-s', '--max-time', '4', `http://${internetServiceAddress}/`]);
    if (code !== 0 || stdout.includes(publicAddressOf(headquarters)) || !(await goesByTunnel(alice))) return;
    this.#judge({ ...nothing, atMs: Date.now(), reached: [`the internet by Alice's own line: "${stdout.trim()}"`] });
  }

  #judge(sample: Sample): void {
    this.#note(judge(sample, this.windows));
  }

  #note(seen: readonly string[]): void {
    this.violations.push(...seen.map((what) => ({ atMs: Date.now(), what })));
  }

  async #every(ms: number, look: () => Promise<void>): Promise<void> {
    while (!this.#end.signal.aborted) {
      await look();
      await delay(ms);
    }
  }
}

/** goesByTunnel tells whether a person's computer sends what is for the internet into the tunnel now. */
async function goesByTunnel(computer: Host): Promise<boolean> {
  return (await routeDecision(computer, internetServiceAddress)).said.includes(`dev ${clientDevice}`);
}
