import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regionIds } from './region-ids.ts';

test('the ids are in order, once each, and shaped as the database wants them', () => {
  assert.deepEqual([...new Set(regionIds)].sort(), regionIds);
  for (const id of regionIds) assert.match(id, /^[a-z]{2}(-[a-z0-9]+)+$/);
});
