import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpointNamed, exampleConfiguration, exampleDesired, exampleSession } from '../testing/example.ts';
import { Namespace, until } from '../testing/namespace.ts';
import { applyKernel } from './apply-kernel.ts';
import { isEmptyPlan } from './kernel-plan.ts';
import { kernelOwnership } from './ownership.ts';
import type { PassResult } from './reconcile.ts';
import { Reconciler } from './reconcile.ts';

const own = kernelOwnership(4);
const configuration = exampleConfiguration(1, 2);
const hq = exampleSession(configuration, endpointNamed(configuration, 'connector', 0));
const bob = exampleSession(configuration, endpointNamed(configuration, 'device', 0));
const prefix = '10.0.0.0/18 dev cw4-c0 table 9604 proto 196';

/** Runs passes one by one: `pass` asks for one and gives what it came to. Each wants bob to be there or not, in turns. */
class Passes implements AsyncDisposable {
  readonly host = new Namespace('turns');
  readonly reconciler: Reconciler;
  #asked = 0;
  #last: PassResult | null = null;

  constructor() {
    const [without, withBob] = [exampleDesired(own, configuration, [hq]), exampleDesired(own, configuration, [hq, bob])];
    this.reconciler = new Reconciler({
      desired: () => (this.#asked % 2 === 0 ? withBob : without),
      run: this.host.run,
      laneUser: 'nobody',
      everyMs: 3_600_000,
      onPass: (result) => {
        this.#last = result;
      },
      onFailure: (cause) => assert.fail(String(cause)),
    });
  }

  async pass(): Promise<PassResult> {
    this.#last = null;
    this.#asked += 1;
    this.reconciler.request();
    return until('the pass is over', () => this.#last);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reconciler.stop();
    this.host[Symbol.dispose]();
  }
}

describe('reconciler, where what is wanted changes all the time', () => {
  it('tells what somebody else changed from what is wanted since', async () => {
    await using passes = new Passes();
    await passes.pass();
    const own = await passes.pass();
    assert.ok(!isEmptyPlan(own.plan) && isEmptyPlan(own.undone), 'who comes and goes is nobody’s doing');
    passes.host.exec('nft', 'flush ruleset');
    passes.host.ip(`route del ${prefix}`);
    const { undone, plan } = await passes.pass();
    assert.match(undone.nft[0]?.object ?? '', /^firewall table/);
    assert.deepEqual(
      undone.ip.map(({ line }) => line),
      [`route replace ${prefix}`],
    );
    assert.ok(plan.ip.length > undone.ip.length, 'the other steps are of who came');
    assert.ok(isEmptyPlan((await passes.pass()).undone), 'it is told once');
  });

  it('blames nobody for what an urgent change wrote', async () => {
    await using passes = new Passes();
    await passes.pass();
    const remove = { line: `route del ${prefix}`, object: 'route', change: 'remove' } as const;
    await passes.reconciler.exclusively(() => applyKernel({ nft: [], ip: [remove] }, passes.host.run));
    const { plan, undone } = await passes.pass();
    assert.ok(
      plan.ip.some(({ line }) => line === `route replace ${prefix}`),
      'it is mended',
    );
    assert.ok(isEmptyPlan(undone));
  });
});
