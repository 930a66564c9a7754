import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newsOnce } from './news.ts';

test('what was told is no news until the quiet time is over, and others are not held up by it', () => {
  const isNews = newsOnce(1_000);
  assert.equal(isNews('a', 0), true);
  assert.equal(isNews('a', 999), false);
  assert.equal(isNews('b', 999), true);
  assert.equal(isNews('a', 1_000), true, 'the time counts from when it was told, not from when it was asked');
  assert.equal(isNews('b', 1_500), false);
});
