import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextDelay } from './backoff.ts';

describe('nextDelay', () => {
  it('doubles from 0.1 s to 5 s while a process keeps ending at once', () => {
    const delays: number[] = [];
    for (let previous: number | undefined; delays.length < 8; ) {
      previous = nextDelay(previous, 50);
      delays.push(previous);
    }
    assert.deepEqual(delays, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it('begins anew after 30 s of life', () => {
    assert.equal(nextDelay(5000, 29_999), 5000);
    assert.equal(nextDelay(5000, 30_000), 100);
  });
});
