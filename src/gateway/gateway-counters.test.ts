import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayFigures } from '../contract/gateway.ts';
import type { EndpointId } from '../core/ids.ts';
import { GatewayCounters } from './gateway-counters.ts';
import { nothingDone } from './kernel/apply-steps.ts';
import type { Step } from './kernel/kernel-plan.ts';

const connector = 'connector:00000000-0000-4000-8000-000000000001' as EndpointId;
const device = 'device:00000000-0000-4000-8000-000000000002' as EndpointId;
const now = { process: { cpuSeconds: 1, residentBytes: 2, openFiles: 3 }, streamOpens: 4, failedReports: 5 };
const step = (line: string): Step => ({ line, object: 'x', change: 'add' });

test('the figures are what the contract takes, and say what was counted', () => {
  const counters = new GatewayCounters(0);
  const [element, route] = [step('add element …'), step('route replace …')];
  const plan = { nft: [element], ip: [route] };
  const nothing = { nft: [], ip: [] };
  counters.passed({ plan: nothing, applied: nothingDone, undone: nothing, tookMs: 20 });
  counters.passed({ plan, applied: { ...nothingDone, done: [element, route] }, undone: { nft: [element], ip: [] }, tookMs: 30 });
  counters.passed({
    plan,
    applied: { done: [], failed: [{ step: route, line: 1, cause: 'no' }], skipped: [element] },
    undone: nothing,
    tookMs: 50,
  });
  counters.passFailed();
  counters.applied(250);
  for (const outcome of ['accepted', 'accepted', 'certificate-unknown']) counters.connect(outcome);
  counters.exited('c0');
  counters.bytes('c0', connector, 10, 20);
  counters.bytes('u0', device, 1, 2);
  counters.bytes('c0', connector, 10, 20);
  counters.probe(connector, true);
  counters.probe(connector, false);
  counters.moved('network:n');
  const figures = counters.read(now);
  assert.deepEqual(gatewayFigures.parse(JSON.parse(JSON.stringify(figures))), figures);
  assert.deepEqual(figures, {
    ...now,
    startedAt: '1970-01-01T00:00:00.000Z',
    kernel: {
      passes: { unchanged: 1, changed: 1, partial: 1, failed: 1 },
      passSeconds: 0.1,
      repairs: 1,
      failedSteps: { nft: 0, ip: 1 },
    },
    changes: { applied: 1, applySeconds: 0.25 },
    connects: [
      { outcome: 'accepted', count: 2 },
      { outcome: 'certificate-unknown', count: 1 },
    ],
    lanes: [
      { lane: 'c0', exits: 1, bytesIn: 20, bytesOut: 40 },
      { lane: 'u0', exits: 0, bytesIn: 1, bytesOut: 2 },
    ],
    connectors: [
      { connector: connector.slice('connector:'.length), bytesIn: 20, bytesOut: 40, probesAnswered: 1, probesMissed: 1 },
    ],
    moves: [{ pool: 'network:n', count: 1 }],
  });
});

test('connectors that come and go for years do not fill the memory or the report', () => {
  const counters = new GatewayCounters(0);
  for (let index = 0; index < 5_200; index += 1)
    counters.bytes('c0', `connector:00000000-0000-4000-8000-${String(index).padStart(12, '0')}` as EndpointId, 1, 1);
  const { connectors } = gatewayFigures.parse(counters.read(now));
  assert.equal(connectors.length, 5_000);
  assert.equal(connectors.at(-1)?.connector, '00000000-0000-4000-8000-000000005199');
});
