import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Cut, Which } from './testing/pair-world.ts';
import { PairWorld, server } from './testing/pair-world.ts';
import { until } from './testing/namespace.ts';

/** Longer than it takes to notice a failure, so that who fails again while it recovers has not recovered. */
const recoveryMs = 1_600;

describe('failover between two connectors of one network', () => {
  let world: PairWorld;
  before(async () => {
    world = await PairWorld.start(recoveryMs);
  });
  beforeEach(() => world.untilQuiet());
  after(async () => {
    await world[Symbol.asyncDispose]();
  });

  const cuts: readonly (readonly [Cut, string, RegExp])[] = [
    ['lan0', 'its LAN is cut behind it', /^unhealthy: it answers, but 10\.0\.0\.1 behind it does not: its LAN is cut$/],
    ['wan0', 'its line is cut', /^unhealthy: nothing answers through its tunnel: 100\.96\.0\.100, 10\.0\.0\.1$/],
  ];
  for (const [what, name, reason] of cuts) {
    it(`moves the traffic of a connector that lives while ${name}, and gives it back when that has lasted`, async (test) => {
      const pings = world.device.pingStream(server, 0.005);
      const before = world.served('b');
      await until('pings pass', () => world.device.ping(server));
      world.cut('a', what);
      await world.untilHealth('a', reason);
      assert.equal(world.health('b'), 'healthy: 10.0.0.1 answers');
      await world.untilOwners('b');
      await until('the traffic is on the other', () => world.served('b') > before + 10);
      const { sent, lost, longestGapMs } = await pings.stop();
      test.diagnostic(`${String(lost)} of ${String(sent)} pings at 5 ms lost, longest gap ${longestGapMs.toFixed(0)} ms`);
      assert.ok(longestGapMs > 200, 'there was a cut at all');
      world.mend('a');
      await world.untilHealth('a', /^recovering: 10\.0\.0\.1 answers again/);
      assert.deepEqual(world.owners(), ['b'], 'it gets nothing back while it recovers');
      await world.untilQuiet();
      assert.match(
        world.lab.log,
        /network "HQ Network" moves from connector "hq-0" to connector "hq-1": the first of those that work\n/,
      );
    });
  }

  it('does not move the routes to and fro with a connector that comes and goes', async () => {
    const moves = () => world.lab.log.match(/network "HQ Network" moves/g)?.length ?? 0;
    const began = moves();
    for (let round = 0; round < 4; round += 1) {
      world.cut('a', 'lan0');
      await world.untilHealth('a', /^unhealthy/);
      world.mend('a');
      await world.untilHealth('a', /^recovering/);
    }
    assert.equal(moves() - began, 1);
    assert.equal(world.routedBy(), 'b');
    await world.untilQuiet();
    assert.equal(moves() - began, 2);
  });

  const orders: readonly (readonly [lost: string, back: string, lastOwner: Which])[] = [
    ['ab', 'ab', 'b'],
    ['ab', 'ba', 'b'],
    ['ba', 'ab', 'a'],
    ['ba', 'ba', 'a'],
  ];
  for (const [lost, back, kept] of orders) {
    it(`both lost (${lost}) and back (${back}): the last one keeps the routes, and the first that is back has them`, async () => {
      for (const which of lost) {
        world.cut(which as Which, 'lan0');
        await world.untilHealth(which as Which, /^unhealthy/);
      }
      await world.untilOwners(kept);
      assert.equal(world.routedBy(), kept);
      assert.equal(await world.device.ping(server), false);
      for (const which of back) {
        world.mend(which as Which);
        await world.untilHealth(which as Which, /^recovering/);
        await world.untilOwners(back.slice(0, 1));
      }
      assert.ok(await world.device.ping(server));
      await world.untilQuiet();
    });
  }

  it('keeps the owner when the agent is killed, although another is preferred', async () => {
    world.cut('a', 'lan0');
    await world.untilOwners('b');
    world.mend('a');
    await world.untilHealth('a', /^recovering/);
    const pings = world.device.pingStream(server, 0.02);
    await world.lab.killAgent('SIGKILL');
    await until('no probe is left behind', () => !programs(world).includes('fping'), 3_000);
    const began = world.lab.log.length;
    world.lab.controller.reports.length = 0;
    world.lab.startAgent();
    await world.untilQuiet();
    const { sent, lost } = await pings.stop();
    assert.equal(lost, 0, `${String(lost)} of ${String(sent)} pings were lost`);
    const said = world.lab.log.slice(began).match(/"hq-0" is \w+|moves from .*(?=:)/g);
    assert.deepEqual(said, ['"hq-0" is recovering', '"hq-0" is healthy', 'moves from connector "hq-1" to connector "hq-0"']);
  });

  it('moves at once when the tunnel of a connector is gone, without any probe', async () => {
    world.lab.keeper.kill('c0', 'SIGKILL');
    await world.untilHealth('a', /^unhealthy: it is not connected/, 500);
    await world.untilOwners('b', 500);
    await until('the server is reached', () => world.device.ping(server));
    await world.reconnect('a');
    await world.untilHealth('a', /^recovering/);
    assert.deepEqual(world.owners(), ['b']);
    await world.untilQuiet();
  });

  it('moves the routes while the controller is away, which is told when it is back', async () => {
    await world.lab.controller.stop();
    try {
      world.cut('a', 'lan0');
      await until('the routes have moved', () => world.routedBy() === 'b');
      await until('the server is reached', () => world.device.ping(server));
    } finally {
      await world.lab.controller.start();
    }
    await world.untilOwners('b', 15_000);
    world.mend('a');
    await world.untilQuiet();
  });

  it('draining: flows that are there stay, new ones go to the other', async () => {
    const pings = world.device.pingStream(server, 0.02);
    await until('the flow has begun', () => world.device.ping(server));
    const { configuration } = world.lab.controller;
    const a = configuration.endpoints[world.endpoints.a] ?? assert.fail();
    world.lab.controller.change({
      endpoints: { ...configuration.endpoints, [world.endpoints.a]: { ...a, draining: true } as typeof a },
    });
    await world.untilOwners('b');
    await until('the routes have moved', () => world.routedBy() === 'b');
    const [beganA, beganB] = [world.served('a'), world.served('b')];
    assert.ok(await world.device.ping(server));
    assert.equal(world.served('b') - beganB, 1, 'the new flow is on the other');
    await until('the old one stays', () => world.served('a') > beganA + 10);
    assert.equal(world.served('b') - beganB, 1);
    const { sent, lost } = await pings.stop();
    assert.equal(lost, 0, `${String(lost)} of ${String(sent)} pings were lost`);
    world.lab.controller.change({ endpoints: configuration.endpoints });
    await world.untilQuiet();
  });
});

function programs({ lab }: PairWorld): string {
  return lab.gateway.exec(
    'sh',
    '-c',
    `for pid in $(ip netns pids ${lab.gateway.name}); do cat /proc/$pid/comm 2>/dev/null; done; true`,
  );
}
