import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConnectorReport } from '../../contract/gateway.ts';
import type { HealthReport } from './health-changes.ts';
import { healthChanges, parseHealthReport } from './health-changes.ts';

const since = '2026-11-24T12:00:00.000Z';
const connector = (id: string, health: ConnectorReport['health']): ConnectorReport => ({
  connector: id,
  health,
  reason: `${id} is ${health}`,
  since,
  target: null,
  roundTripMs: null,
});
const report = (health: Record<string, ConnectorReport['health']>, pools: Record<string, string[]>): HealthReport => ({
  connectors: Object.entries(health).map(([id, each]) => connector(id, each)),
  pools: Object.entries(pools).map(([pool, owners]) => ({ pool, owners, reason: 'why', since })),
});
const told = (before: HealthReport, after: HealthReport): string[] => {
  const { connectors, pools } = healthChanges(before, after);
  return [
    ...connectors.map(({ connector: id, health }) => `${id} ${health}`),
    ...pools.map(({ pool, from, to }) => `${pool}: ${from.join('+')} -> ${to.join('+')}`),
  ];
};
const nothing = report({}, {});

describe('what changes between two reports', () => {
  const table: [string, HealthReport, HealthReport, string[]][] = [
    ['nothing where both say the same', report({ a: 'unhealthy' }, { n: ['a'] }), report({ a: 'unhealthy' }, { n: ['a'] }), []],
    ['a failure', report({ a: 'healthy' }, {}), report({ a: 'unhealthy' }, {}), ['a unhealthy']],
    [
      'a recovery',
      report({ a: 'unhealthy', b: 'recovering' }, {}),
      report({ a: 'recovering', b: 'healthy' }, {}),
      ['a recovering', 'b healthy'],
    ],
    [
      'the first word of a connector, if it is no good one',
      nothing,
      report({ a: 'healthy', b: 'unhealthy' }, {}),
      ['b unhealthy'],
    ],
    ['nothing where a connector is not probed any more', report({ a: 'unhealthy' }, {}), nothing, []],
    ['a network that moves', report({}, { 'network:n': ['a'] }), report({}, { 'network:n': ['b'] }), ['network:n: a -> b']],
    [
      'a shared network that loses one',
      report({}, { 'network:n': ['a', 'b'] }),
      report({}, { 'network:n': ['b'] }),
      ['network:n: a+b -> b'],
    ],
    ['not the order of those who share', report({}, { 'network:n': ['a', 'b'] }), report({}, { 'network:n': ['b', 'a'] }), []],
    [
      'not a network whose connectors all come or go',
      report({}, { 'network:n': ['a'], 'network:m': [] }),
      report({}, { 'network:n': [], 'network:m': ['c'] }),
      [],
    ],
    ['not a network that is new', nothing, report({}, { 'network:n': ['a'] }), []],
    [
      'internet traffic that moves',
      report({}, { 'egress:e1': ['a'] }),
      report({}, { 'egress:e1': ['b'] }),
      ['egress:e1: a -> b'],
    ],
    [
      'internet traffic that is refused',
      report({}, { 'egress:e1': ['a'] }),
      report({}, { 'egress:e1': [] }),
      ['egress:e1: a -> '],
    ],
    [
      'internet traffic that is carried again',
      report({}, { 'egress:e1': [] }),
      report({}, { 'egress:e1': ['b'] }),
      ['egress:e1:  -> b'],
    ],
    [
      'internet traffic that is refused from the first',
      nothing,
      report({}, { 'egress:e1': [], 'egress:e2': ['a'] }),
      ['egress:e1:  -> '],
    ],
    ['nothing of an agent that says nothing', report({ a: 'healthy' }, { 'network:n': ['a'], 'egress:e1': ['a'] }), nothing, []],
  ];
  for (const [name, before, after, expected] of table) {
    it(name, () => {
      assert.deepEqual(told(before, after), expected);
    });
  }
});

it('reads what was stored, and nothing of what another version wrote', () => {
  const id = '00000000-0000-4000-8000-000000000001';
  const stored = { connectors: [connector(id, 'healthy')], pools: [{ pool: `network:${id}`, owners: [id], reason: '', since }] };
  assert.deepEqual(parseHealthReport(stored), stored);
  assert.deepEqual(parseHealthReport({ connectors: [{ x: 1 }], pools: null }), nothing);
});
