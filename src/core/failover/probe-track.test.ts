import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AddressText } from '../ip/address.ts';
import type { ProbeResult } from './probe-track.ts';
import { newTrack, tracked } from './probe-track.ts';

const address = '10.0.0.1' as AddressText;
const missed: ProbeResult = { kind: 'missed', address };
const answered = (roundTripMs: number): ProbeResult => ({ kind: 'answered', address, roundTripMs });
const after = (...results: readonly ProbeResult[]) => results.reduce(tracked, newTrack);

test('misses are counted in a row, and an answer ends the row', () => {
  assert.deepEqual(after(missed, missed), { hasAnswered: false, misses: 2, lastMs: null, usualMs: null });
  assert.deepEqual(after(missed, answered(8), missed), { hasAnswered: true, misses: 1, lastMs: 8, usualMs: 8 });
  assert.equal(after(answered(8), missed, answered(8)).misses, 0);
});

test('a slow answer moves the usual round trip by an eighth, and misses do not move it', () => {
  const slow = after(answered(8), answered(16));
  assert.deepEqual([slow.usualMs, slow.lastMs], [9, 16]);
  assert.equal(tracked(slow, missed).usualMs, 9);
});
