import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionReport } from '../contract/gateway.ts';
import { CarriedSessions } from './carried-sessions.ts';
import { SessionTable } from './session-table.ts';
import { endpointNamed, exampleConfiguration, exampleSession } from './testing/example.ts';

test('a carried session is told once, then when something has passed on it, until it is let go', () => {
  const configuration = exampleConfiguration(1, 2);
  const table = new SessionTable();
  const { key } = table.add({
    ...exampleSession(configuration, endpointNamed(configuration, 'device', 0)),
    state: 'established',
  });
  const { bytesIn, bytesOut } = table.byKey(key) ?? assert.fail('the session is not in the table');
  const told: SessionReport[] = [];
  const carried = new CarriedSessions(table, (report) => told.push(report));

  carried.tellBytes();
  assert.deepEqual([told, carried.reports()], [[], []], 'the kernel does not carry it yet');
  carried.add(key);
  carried.tellBytes();
  assert.deepEqual(told, carried.reports());
  assert.equal(told.length, 1);
  table.bytes(key, bytesIn + 5, bytesOut, 0);
  carried.tellBytes();
  carried.tellBytes();
  assert.deepEqual(told.map((report) => report.bytesIn).slice(1), [bytesIn + 5]);
  carried.delete(key);
  table.bytes(key, bytesIn + 9, bytesOut, 0);
  carried.tellBytes();
  assert.deepEqual([told.length, carried.has(key), carried.reports()], [2, false, []]);
});
