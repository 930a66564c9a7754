/** Two connectors of one site stand in for each other, however one of them fails; one world with NAT, one without. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { cuts, linkCut } from '../../src/lab/scenarios/high-availability-cuts.ts';
import { bothAreLost, bothStandReady, oneFails, oneIsDrained } from '../../src/lab/scenarios/high-availability.ts';
import type { Stage } from '../../src/lab/scenario.ts';
import type { PairWpc } from '../../src/lab/shapes/connector-pair.ts';
import { buildPair } from '../../src/lab/shapes/connector-pair.ts';
import { headquarters } from '../../src/lab/shapes/site.ts';
import { startSteadyPing } from '../../src/lab/steady-ping.ts';
import { World } from '../../src/lab/world.ts';
import { stageIn } from './stage-for-tests.ts';

for (const nat of ['masquerade', 'routed'] as const) {
  describe(`two connectors, ${nat}`, () => {
    let world: World;
    let stage: Stage;
    let wpc: PairWpc;
    before(async () => {
      world = await World.create();
      stage = stageIn(world, nat === 'masquerade' ? 'nat' : 'static-route');
      wpc = await buildPair(world, nat);
    });
    after(async () => world[Symbol.asyncDispose]());

    test('the API says who serves, and so the gateway routes', () => bothStandReady(stage, wpc));

    // What failed is another thing than how answers come back: one way without NAT is enough.
    const chosen = nat === 'masquerade' ? Object.entries(cuts) : [['LINK-CUT', linkCut] as const];
    for (const [code, cut] of chosen) test(`${code}: the other one takes over within the time`, () => oneFails(stage, wpc, cut));

    test('a drained one takes nothing new and loses nothing', () => oneIsDrained(stage, wpc));

    if (nat === 'routed') return;

    test('both are lost and come back, in every order', () => bothAreLost(stage, wpc));

    test('one that comes and goes every two seconds does not take the traffic along', async (context) => {
      const { bob, gateway } = wpc;
      const [flapping, steady] = wpc.members;
      const onlySteady = async () => (await gateway.devicesOf(headquarters.server)).join() === steady.lane;
      await linkCut.inject(wpc, flapping);
      await awaitCondition('the steady one has the routes alone', async () => ((await onlySteady()) ? true : undefined));
      const ping = startSteadyPing(bob.computer, headquarters.server, 5);
      for (let turn = 0; turn < 3; turn += 1) {
        await linkCut.mend(wpc, flapping);
        // The rhythm of the fault itself, not a wait for something.
        await delay(2_000);
        assert.ok(await onlySteady(), 'traffic goes to one that was well for two seconds');
        await linkCut.inject(wpc, flapping);
        await delay(2_000);
        assert.ok(await onlySteady(), 'traffic goes to one that is cut');
      }
      const loss = await ping.stop();
      await linkCut.mend(wpc, flapping);
      context.diagnostic(`${loss.lost} of ${loss.sent} packets lost at 5 ms, longest gap ${loss.longestGapMs} ms`);
      assert.equal(loss.lost, 0, `lost ${loss.lost} of ${loss.sent}`);
    });
  });
}
