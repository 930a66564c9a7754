/** Two connectors of one site stand in for each other, however one of them fails; one world, with NAT and then without. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { cuts, linkCut } from '../../src/lab/scenarios/high-availability-cuts.ts';
import { bothAreLost, bothStandReady, isServedBy, oneFails, oneIsDrained } from '../../src/lab/scenarios/high-availability.ts';
import type { Stage } from '../../src/lab/scenario.ts';
import type { PairWpc } from '../../src/lab/shapes/connector-pair.ts';
import { buildPair, useNat } from '../../src/lab/shapes/connector-pair.ts';
import { headquarters } from '../../src/lab/shapes/site.ts';
import { startFlow } from '../../src/lab/flow.ts';
import { World } from '../../src/lab/world.ts';
import { stageIn } from './stage-for-tests.ts';

describe('two connectors', () => {
  let world: World;
  let stage: Stage;
  let wpc: PairWpc;
  before(async () => {
    world = await World.create();
    stage = stageIn(world, 'nat');
    wpc = await buildPair(world, 'masquerade');
  });
  after(async () => world[Symbol.asyncDispose]());

  test('share where NAT makes it safe; the API says so, and so the gateway routes', () => bothStandReady(stage, wpc));

  for (const [code, cut] of Object.entries(cuts)) {
    test(`${code}: the other one takes over within the time`, () => oneFails(stage, wpc, cut));
  }

  test('a drained one takes nothing new and loses nothing', () => oneIsDrained(stage, wpc));

  test('both are lost and come back, in every order', () => bothAreLost(stage, wpc));

  test('one that comes and goes every two seconds does not take the traffic along', async (context) => {
    const [flapping, steady] = wpc.members;
    await linkCut.inject(wpc, flapping);
    await awaitCondition('the steady one has the routes alone', async () =>
      (await isServedBy(wpc, [steady])) ? true : undefined,
    );
    const ping = startFlow({ from: wpc.bob.computer, to: headquarters.server });
    for (let turn = 0; turn < 3; turn += 1) {
      await linkCut.mend(wpc, flapping);
      // The rhythm of the fault itself, not a wait for something.
      await delay(2_000);
      assert.ok(await isServedBy(wpc, [steady]), 'traffic goes to one that was well for two seconds');
      await linkCut.inject(wpc, flapping);
      await delay(2_000);
      assert.ok(await isServedBy(wpc, [steady]), 'traffic goes to one that is cut');
    }
    const loss = await ping.stop();
    await linkCut.mend(wpc, flapping);
    context.diagnostic(`${loss.lost} of ${loss.sent} packets lost at 5 ms, longest gap ${loss.longestGapMs} ms`);
    assert.ok(loss.back && loss.lost === 0, `lost ${loss.lost} of ${loss.sent}`);
  });

  test('without NAT exactly one is active, and the other takes over with the route of the LAN', async () => {
    wpc = await useNat(wpc, 'routed');
    // The operator's first route; from then on it is moved after the connector that serves.
    await wpc.hq.router.ip(`route replace 100.96.0.0/11 via ${headquarters.connector}`);
    await bothStandReady(stage, wpc);
    await oneFails(stage, wpc, linkCut);
    await oneIsDrained(stage, wpc);
  });
});
