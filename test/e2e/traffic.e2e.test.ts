/** What is told of traffic is what passes: real packets through the tunnels of a whole installation, and what its API says of them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { overviewRoutes } from '../../src/contract/api/overview.ts';
import { trafficRoutes } from '../../src/contract/api/traffic.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Flow } from '../../src/lab/flow.ts';
import { startFlow } from '../../src/lab/flow.ts';
import type { ConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { buildConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { headquarters } from '../../src/lab/shapes/site.ts';
import { World } from '../../src/lab/world.ts';

/** 200 packets in a second with so many bytes, there and back: some 215 kB/s in each direction with all headers; a fourth of it on a busy machine. */
const payload = ['-s', '1000'];
const oneWay = { least: 50_000, most: 300_000 } as const;

describe('traffic that is told', () => {
  let world: World;
  let wpc: ConnectedWpc;
  let flow: Flow;
  before(async () => {
    world = await World.create();
    wpc = await buildConnectedWpc(world);
    flow = startFlow({ from: wpc.bob.computer, to: headquarters.server }, ...payload);
  });
  after(async () => {
    await flow?.stop();
    await world?.[Symbol.asyncDispose]();
  });

  const ask = async (query = '') =>
    await wpc.administrator.must(trafficRoutes.read.answer, 'GET', `${trafficRoutes.read.path}${query}`);
  const rates = async () => {
    const { groups, networks } = await wpc.administrator.must(overviewRoutes.read.answer, 'GET', overviewRoutes.read.path);
    const people = groups?.find(({ id }) => id === wpc.group.id)?.regions[0]?.traffic.bytesPerSecond;
    const connector = networks?.find(({ id }) => id === wpc.network.id)?.connectors[0]?.traffic.bytesPerSecond;
    return [people ?? -1, connector ?? -1] as const;
  };

  test('is the rate of the group and of the connector, as long as it passes', async (context) => {
    const [people, connector] = await awaitCondition(
      'both tunnels have a rate',
      async () => {
        const now = await rates();
        if (now.every((rate) => rate >= 2 * oneWay.least)) return now;
        throw new Error(now.join(' and '));
      },
      { withinMs: 60_000, everyMs: 1_000 },
    );
    context.diagnostic(`${String(people)} B/s of people, ${String(connector)} B/s of the connector`);
    assert.ok(Math.max(people, connector) <= 2 * oneWay.most);
  });

  test('is a sample of a minute, of people, of all networks and of this one', async () => {
    // The first minute that is over began before the traffic did: some seconds of it are enough.
    const bounds = [5 * oneWay.least, 60 * oneWay.most] as const;
    const samplesOf = await awaitCondition(
      'a minute with traffic is told',
      async () => {
        const [all, own] = [await ask(), await ask(`?networkId=${wpc.network.id}`)];
        const last = (hour: typeof all, part: string) => hour.parts.find((each) => each.part === part)?.samples.at(-1);
        const found = [last(all, 'people'), last(all, 'network'), last(own, 'network')];
        if (found.every((sample) => sample !== undefined && sample !== null && sample.bytesIn >= bounds[0])) return found;
        throw new Error(JSON.stringify(found));
      },
      { withinMs: 180_000, everyMs: 1_000 },
    );
    for (const sample of samplesOf)
      for (const bytes of [sample?.bytesIn ?? 0, sample?.bytesOut ?? 0])
        assert.ok(bytes >= bounds[0] && bytes <= bounds[1], JSON.stringify(samplesOf));
    const { connectors } = await ask(`?networkId=${wpc.network.id}`);
    assert.ok((connectors?.[0]?.traffic.bytesPerSecond ?? 0) >= 2 * oneWay.least);
  });

  test('falls when nothing passes any more, and never below nothing', async () => {
    await flow.stop();
    const seen: number[] = [];
    await awaitCondition(
      'only keepalives pass',
      async () => {
        const now = await rates();
        seen.push(...now);
        if (now.every((rate) => rate < 5_000)) return true;
        throw new Error(now.join(' and '));
      },
      { withinMs: 60_000, everyMs: 1_000 },
    );
    assert.ok(Math.min(...seen) >= 0, seen.join());
  });
});
