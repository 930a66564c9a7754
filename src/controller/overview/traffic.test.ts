import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { networkRoutes } from '../../contract/api/network.ts';
import { overviewRoutes } from '../../contract/api/overview.ts';
import type { LastHour } from '../../contract/api/traffic.ts';
import { trafficRoutes } from '../../contract/api/traffic.ts';
import { userRoutes } from '../../contract/api/user.ts';
import type { SessionReport } from '../../contract/gateway.ts';
import { storeReport } from '../gateway-stream/store-report.ts';
import { call, everything, issuingController, refusal } from '../routes/test-api.ts';
import type { IssuingController } from '../routes/test-api.ts';
import { readLastHour } from './read-traffic.ts';

let issuing: IssuingController;
let network: { readonly id: string; readonly first: string; readonly second: string };
let device: string;
before(async () => {
  issuing = await issuingController();
  const { controller } = issuing;
  const { id, connectors } = await call(controller, networkRoutes.create, {
    body: { name: 'HQ', routes: [{ value: '10.0.0.0/18' }], connectors: [{ name: 'hq-1' }, { name: 'hq-2' }] },
  });
  network = { id, first: connectors[0]?.id ?? '', second: connectors[1]?.id ?? '' };
  const { devices } = await call(controller, userRoutes.create, { body: { username: 'bob', devices: [{ name: 'laptop' }] } });
  device = devices[0]?.id ?? '';
});
after(async () => {
  await issuing[Symbol.asyncDispose]();
});

type Counters = Pick<SessionReport, 'key' | 'bytesIn' | 'bytesOut'> & {
  readonly of?: string;
  readonly state?: SessionReport['state'];
};

/** The gateway reports these counters, at this time. */
async function reports(at: Date, ...sessions: readonly Counters[]): Promise<void> {
  await storeReport(
    issuing.controller.deps.store,
    issuing.gateway,
    {
      appliedRevision: null,
      full: false,
      lanes: [],
      connectors: [],
      pools: [],
      problems: [],
      trusts: [],
      sessions: sessions.map(({ of = `connector:${network.first}`, state = 'established', ...counters }) => ({
        ...counters,
        lane: 'u0',
        endpoint: of,
        serial: 'ab'.repeat(16),
        state,
        clientAddress: '203.0.113.7',
        startedAt: new Date(0).toISOString(),
      })),
    },
    at,
  );
}

/** What a test says of time is exact, however long it takes itself. */
let began: number;
beforeEach(() => {
  began = Date.now();
});
const ago = (seconds: number): Date => new Date(began - seconds * 1_000);

async function rateOf(connector: string): Promise<number | null | undefined> {
  const { networks } = await call(issuing.controller, overviewRoutes.read);
  return networks?.[0]?.connectors.find(({ id }) => id === connector)?.traffic.bytesPerSecond;
}

describe('a rate', () => {
  test('is what passed in both directions between two reports, and not known after the first', async () => {
    await reports(ago(20), { key: 'a', bytesIn: 1_000_000, bytesOut: 500 });
    assert.equal(await rateOf(network.first), null);
    await reports(ago(10), { key: 'a', bytesIn: 1_002_000, bytesOut: 3_500 });
    assert.equal(await rateOf(network.first), 500);
    assert.equal(await rateOf(network.second), null);
    // Reports that follow each other at once say nothing; the next one counts from the one before them.
    await reports(ago(9), { key: 'a', bytesIn: 9_002_000, bytesOut: 3_500 });
    assert.equal(await rateOf(network.first), 500);
    await reports(ago(2), { key: 'a', bytesIn: 9_002_000, bytesOut: 3_500 });
    assert.equal(await rateOf(network.first), 1_000_000);
  });

  test('is not known where a counter fell, or a gateway was away for long, until there are two reports again', async () => {
    await reports(ago(200), { key: 'b', bytesIn: 50_000, bytesOut: 50_000, of: `connector:${network.second}` });
    await reports(ago(120), { key: 'b', bytesIn: 90_000_000, bytesOut: 50_000, of: `connector:${network.second}` });
    assert.equal(await rateOf(network.second), null);
    await reports(ago(110), { key: 'b', bytesIn: 90_000_010, bytesOut: 50_000, of: `connector:${network.second}` });
    await reports(ago(20), { key: 'b', bytesIn: 10, bytesOut: 60_000, of: `connector:${network.second}` });
    assert.equal(await rateOf(network.second), null);
    await reports(ago(10), { key: 'b', bytesIn: 1_010, bytesOut: 60_000, of: `connector:${network.second}` });
    assert.equal(await rateOf(network.second), 100);
  });

  test('of a tunnel that came anew does not count yet, and that of one that ended no more', async () => {
    await reports(
      ago(1),
      { key: 'b', bytesIn: 1_010, bytesOut: 60_000, of: `connector:${network.second}`, state: 'ended' },
      { key: 'c', bytesIn: 3_000, bytesOut: 3_000, of: `connector:${network.second}` },
    );
    assert.equal(await rateOf(network.second), null);
  });

  test('of a group in a region is that of its devices, and nothing when the gateway says no more of them', async () => {
    const rate = async (): Promise<number | null | undefined> => {
      const { groups } = await call(issuing.controller, overviewRoutes.read);
      return groups?.find(({ peopleOnline }) => peopleOnline === 1)?.regions[0]?.traffic.bytesPerSecond;
    };
    await reports(ago(50), { key: 'd', bytesIn: 0, bytesOut: 0, of: `device:${device}` });
    assert.equal(await rate(), null);
    await reports(ago(40), { key: 'd', bytesIn: 1_000, bytesOut: 1_000, of: `device:${device}` });
    assert.equal(await rate(), 0);
    await reports(ago(10), { key: 'd', bytesIn: 4_000, bytesOut: 4_000, of: `device:${device}` });
    assert.equal(await rate(), 200);
  });

  test('costs no revision and no event: nobody reads anything anew for counters', async () => {
    const before = await everything(issuing.controller);
    await reports(ago(0), { key: 'a', bytesIn: 10_000_000, bytesOut: 3_500 });
    assert.equal(await everything(issuing.controller), before);
  });
});

describe('the last hour', () => {
  /** A time that is long over: nothing of the tests above is in this hour. */
  const noon = new Date('2026-01-31T12:00:00Z');
  const at = (seconds: number): Date => new Date(noon.getTime() + seconds * 1_000);
  const read = async (when: Date, networkId?: string): Promise<LastHour> =>
    await readLastHour(issuing.controller.deps.store.database, { parts: ['people', 'network', 'host'], networkId, at: when });
  const samplesOf = ({ parts }: LastHour, part: string) => parts.find((each) => each.part === part)?.samples ?? [];

  test('has what passed in each whole minute, shared between the minutes that two reports lie in', async () => {
    await reports(at(0), { key: 'e', bytesIn: 0, bytesOut: 0 }, { key: 'f', bytesIn: 0, bytesOut: 0, of: `device:${device}` });
    await reports(
      at(50),
      { key: 'e', bytesIn: 500, bytesOut: 5_000 },
      { key: 'f', bytesIn: 100, bytesOut: 7, of: `device:${device}` },
    );
    await reports(at(70), { key: 'e', bytesIn: 900, bytesOut: 5_000 });
    await reports(at(72), { key: 'e', bytesIn: 940, bytesOut: 5_000, state: 'ended' });
    await reports(at(130));
    const hour = await read(at(200));
    assert.equal(hour.from, '2026-01-31T11:03:00.000Z');
    assert.deepEqual(samplesOf(hour, 'network').slice(-4), [
      null,
      { bytesIn: 700, bytesOut: 5_000 },
      { bytesIn: 240, bytesOut: 0 },
      { bytesIn: 0, bytesOut: 0 },
    ]);
    assert.deepEqual(samplesOf(hour, 'people').slice(-4), [
      null,
      { bytesIn: 100, bytesOut: 7 },
      { bytesIn: 0, bytesOut: 0 },
      { bytesIn: 0, bytesOut: 0 },
    ]);
    assert.equal(samplesOf(hour, 'host').length, 60);
    const own = await read(at(200), network.id);
    assert.deepEqual(samplesOf(own, 'network'), samplesOf(hour, 'network'));
    assert.deepEqual(own.connectors?.map(({ id }) => id).toSorted(), [network.first, network.second].toSorted());
  });

  test('leaves out what is not whole yet, and what passed while nobody counted', async () => {
    assert.equal((await read(at(194))).from, '2026-01-31T11:02:00.000Z');
    await reports(at(600), { key: 'g', bytesIn: 0, bytesOut: 0 });
    await reports(at(700), { key: 'g', bytesIn: 1_000_000, bytesOut: 0 });
    const samples = samplesOf(await read(at(800)), 'network');
    assert.deepEqual(samples.slice(-4), [null, { bytesIn: 0, bytesOut: 0 }, { bytesIn: 0, bytesOut: 0 }, null]);
    assert.equal(
      samplesOf(await read(at(3_600 * 3)), 'network').some((sample) => sample !== null),
      false,
    );
  });
});

test('what a credential may not read is absent, and a network is refused or not found', async () => {
  const { controller } = issuing;
  const ask = async (permissions: Parameters<typeof controller.tokenWith>[0], query = '') => {
    const authorization = `Bearer ${await controller.tokenWith(permissions)}`;
    return await controller.app.inject({ url: `${trafficRoutes.read.path}${query}`, headers: { authorization } });
  };
  const parts = async (...permissions: Parameters<typeof controller.tokenWith>[0]) =>
    trafficRoutes.read.answer.parse((await ask(permissions)).json()).parts.map(({ part }) => part);
  assert.deepEqual(await parts('status:read'), []);
  assert.deepEqual(await parts('status:read', 'host:read', 'user:read'), ['people', 'host']);
  assert.equal((await ask(['status:read'], `?networkId=${network.id}`)).statusCode, 403);
  assert.equal((await ask(['status:read', 'network:read'], `?networkId=${network.id}`)).statusCode, 200);
  assert.equal((await ask(['network:read'])).statusCode, 403);
  const unknown = { query: { networkId: '00000000-0000-4000-8000-000000000009' } };
  assert.equal((await refusal(controller, trafficRoutes.read, unknown)).status, 404);
  assert.equal((await refusal(controller, trafficRoutes.read, { query: { networkId: 'x' } })).status, 400);
});
