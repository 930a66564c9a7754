import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivityEntry } from '../../../contract/api/activity.ts';
import { activityCsv } from './activity-csv.ts';
import { activitySearch, queryOf } from './activity-search.ts';
import { changesOf } from './changes.ts';

const entry: ActivityEntry = {
  key: 'audit-1',
  at: '2026-01-02T03:04:05.000Z',
  action: 'updated',
  entity: 'network',
  entityId: 'n1',
  name: '=HYPERLINK("http://evil.example")',
  networkId: 'n1',
  who: { kind: 'person', id: 'u1', name: 'ada', sourceAddress: '198.51.100.3' },
  requestId: null,
  before: { name: 'HQ', description: '', nat: { mode: 'routed' } },
  after: { name: 'HQ', description: 'Berlin', nat: { mode: 'masquerade' } },
  payload: null,
};

test('only what differs is shown, with both values', () => {
  assert.deepEqual(changesOf(entry), [
    { field: 'description', before: null, after: 'Berlin' },
    { field: 'nat', before: '{"mode":"routed"}', after: '{"mode":"masquerade"}' },
  ]);
  assert.deepEqual(changesOf({ ...entry, before: null, after: null, payload: { reason: 'it is down' } }), [
    { field: 'reason', before: null, after: 'it is down' },
  ]);
});

test('a name cannot leave its cell, nor be run by a spreadsheet', () => {
  const [head, row = ''] = activityCsv([entry]).split('\r\n');
  assert.match(head ?? '', /^\u{feff}"at","who"/u);
  assert.ok(row.includes(`"'=HYPERLINK(""http://evil.example"")"`), row);
});

test('both days of a search are whole, and what makes no sense in an address is left out', () => {
  const { from, until } = queryOf({ from: '2026-03-01', until: '2026-03-01' });
  assert.equal(Date.parse(until ?? '') - Date.parse(from ?? ''), 86_400_000);
  assert.deepEqual(activitySearch.parse({ kind: 'network', from: 'yesterday', who: '' }), {
    kind: 'network',
    from: undefined,
    who: undefined,
  });
});
