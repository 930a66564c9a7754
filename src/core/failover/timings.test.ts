import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultFailoverTimings as timings, timeoutFor } from './timings.ts';

test('a probe is missed after four times the usual round trip, in steps and within bounds', () => {
  const cases: readonly [usualMs: number | null, timeoutMs: number][] = [
    [null, timings.patientTimeoutMs],
    [0.3, timings.leastTimeoutMs],
    [50, 200],
    [50.1, 250],
    [62.5, 250],
    [600, 2_400],
    [5_000, 4_000],
  ];
  for (const [usualMs, timeoutMs] of cases) assert.equal(timeoutFor(usualMs, timings), timeoutMs, `usual ${String(usualMs)} ms`);
});

test('with the default times a cut is noticed within the budget of a second', () => {
  assert.ok(timings.missesToFail * timings.periodMs + timings.leastTimeoutMs <= 800);
});
