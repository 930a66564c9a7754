import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClockStep } from './clock-step.ts';

describe('ClockStep', () => {
  it('notices a clock that is set, in both directions, once', () => {
    const step = new ClockStep();
    const said = [
      [1_000_000, 100],
      [1_000_200, 300],
      [4_600_400, 500],
      [4_600_600, 700],
      [1_000_800, 900],
      [1_001_000, 1_100],
    ].map(([wall = 0, monotonic = 0]) => step.happened(wall, monotonic));
    assert.deepEqual(said, [false, false, true, false, true, false]);
  });

  it('does not mind a late look, nor a clock that is slewed', () => {
    const step = new ClockStep();
    for (let monotonic = 0; monotonic < 600_000; monotonic += 200)
      assert.equal(step.happened(5_000 + monotonic * 1.0005, monotonic), false);
    assert.equal(step.happened(5_000 + 607_000 * 1.0005, 607_000), false);
  });
});
