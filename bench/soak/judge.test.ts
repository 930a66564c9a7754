import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Sample, Window } from './judge.ts';
import { judge, trend } from './judge.ts';

const quiet: Sample = { atMs: 10_000, lost: new Map([['bob', 0]]), reached: [], failedTransfers: 0, wrongTransfers: 0 };
const harmful: Window = { fromMs: 8_000, toMs: 12_000, faults: ['cut the power'], harmless: false };
const harmless: Window = { ...harmful, faults: ['kill controller'], harmless: true };

test('a lost ping and a failed transfer are violations outside of faults and in those that nobody should feel, and in no others', () => {
  const lossy = { ...quiet, lost: new Map([['bob', 3]]), failedTransfers: 1 };
  assert.deepEqual(judge(quiet, []), []);
  assert.deepEqual(judge(lossy, [harmful]), []);
  assert.deepEqual(judge(lossy, [{ ...harmful, toMs: null }]), []);
  assert.deepEqual(judge(lossy, [{ ...harmful, toMs: 9_000 }]), []);
  assert.deepEqual(judge(lossy, []), ['3 pings lost outside of any fault: bob', '1 transfers failed outside of any fault']);
  assert.deepEqual(judge(lossy, [{ ...harmful, toMs: 8_400 }]).length, 2);
  assert.deepEqual(judge(lossy, [harmless]), [
    '3 pings lost during kill controller, which nobody should feel: bob',
    '1 transfers failed during kill controller, which nobody should feel',
  ]);
});

test('what policy denies, and wrong bytes, are violations at any time', () => {
  const bad = { ...quiet, reached: ['internet by carol'], wrongTransfers: 2 };
  for (const windows of [[], [harmful], [harmless]]) {
    assert.deepEqual(judge(bad, windows), ['reached although denied: internet by carol', '2 transfers with wrong bytes']);
  }
});

test('a trend is what a straight line gains over its time, whatever it begins with, and noise around it hardly changes that', () => {
  fc.assert(
    fc.property(fc.integer({ min: -100, max: 100 }), fc.integer({ min: 0, max: 1_000 }), (gain, base) => {
      const points = Array.from({ length: 101 }, (_, index) => ({
        atMs: index * 1_000,
        value: base + (gain * index) / 100 + (index % 2 === 0 ? 1 : -1),
      }));
      assert.ok(Math.abs(trend(points) - gain) < 0.5);
    }),
  );
  assert.equal(trend([{ atMs: 0, value: 5 }]), 0);
});
