import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { eventRoutes } from '../../contract/api/event.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { overviewRoutes } from '../../contract/api/overview.ts';
import { traceRoutes } from '../../contract/api/trace.ts';
import { affectedBy, resourceOf } from './affected.ts';
import { Refresher } from './refresher.ts';

/** Long enough for whatever a refresher still wants to do. */
const long_ms = 60_000;

let client: QueryClient;
beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  client = new QueryClient();
});
afterEach(() => {
  client.clear();
  mock.timers.reset();
});

/** watch reads a path as a page does, and counts how often. */
async function watch(path: string): Promise<{ readonly count: () => number; readonly close: () => void }> {
  let count = 0;
  const observer = new QueryObserver(client, { queryKey: [path, {}, {}], queryFn: () => ++count, staleTime: long_ms });
  const close = observer.subscribe(() => undefined);
  await settle();
  return { count: () => count, close };
}

/** settle lets promises go on that nothing but a turn of the loop stands before. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    mock.timers.tick(0);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    mock.timers.tick(100);
    await settle();
  }
}

describe('a refresher', () => {
  it('makes a few requests of a thousand events, and the last one after the last event', async () => {
    const networks = await watch(networkRoutes.list.path);
    const events = await watch(eventRoutes.list.path);
    const refresher = new Refresher(client, () => false);
    for (let burst = 0; burst < 10; burst += 1) {
      for (let each = 0; each < 100; each += 1) refresher.add(affectedBy('network'));
      await pass(100);
    }
    const during = networks.count();
    await pass(5_000);
    assert.ok(networks.count() > during);
    assert.ok(networks.count() <= 4, `${String(networks.count())} requests`);
    assert.equal(events.count(), 1);
    const last = networks.count();
    await pass(5_000);
    assert.equal(networks.count(), last);
    refresher.close();
    networks.close();
    events.close();
  });

  it('asks for the findings less often than for what costs little, and still after the last event', async () => {
    const findings = await watch(traceRoutes.findings.path);
    const overview = await watch(overviewRoutes.read.path);
    const refresher = new Refresher(client, () => false);
    for (let each = 0; each < 60; each += 1) {
      refresher.add(affectedBy('connector'));
      await pass(100);
    }
    assert.equal(findings.count(), 2);
    assert.ok(overview.count() > 2);
    await pass(20_000);
    assert.equal(findings.count(), 3);
    refresher.close();
    findings.close();
    overview.close();
  });

  it('only marks in a tab that nobody sees', async () => {
    const networks = await watch(networkRoutes.list.path);
    const refresher = new Refresher(client, () => true);
    refresher.addAll();
    await pass(1_000);
    assert.equal(networks.count(), 1);
    assert.equal(client.getQueryState([networkRoutes.list.path, {}, {}])?.isInvalidated, true);
    refresher.close();
    networks.close();
  });
});

describe('what an event makes old', () => {
  it('is found by the path of both parts of the API', () => {
    assert.equal(resourceOf('/api/v1/networks/:id'), 'networks');
    assert.equal(resourceOf('/api/causeway/v1/overview'), 'overview');
    assert.equal(resourceOf('/elsewhere/v1/overview'), undefined);
    assert.equal(resourceOf(undefined), undefined);
  });

  it('is the list of activity alone for an entity that no other answer is about', () =>
    assert.deepEqual(affectedBy('constructor'), ['activity']));
});
