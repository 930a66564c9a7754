import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastingFailure } from './lasting-failure.ts';

test('a failure is told once it has lasted, once for each reason, and anew after it had worked', () => {
  const failure = new LastingFailure();
  assert.equal(failure.failed('refused', 0), false);
  assert.equal(failure.reason, 'refused');
  assert.equal(failure.failed('refused', 4_999), false);
  assert.equal(failure.failed('refused', 5_000), true);
  assert.equal(failure.failed('refused', 9_000), false);
  assert.equal(failure.failed('timed out', 9_500), true);
  failure.works();
  assert.equal(failure.reason, '');
  assert.equal(failure.failed('refused', 10_000), false);
});
