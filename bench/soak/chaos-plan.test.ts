import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chaosPlan, mostFaultsAtOnce } from './chaos-plan.ts';
import { allFaultKinds, ruleOf } from './fault-kinds.ts';

const seeds = fc.nat();

test('a plan is the same for a seed, and fills its minutes', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 60 }), (seed, minutes) => {
      const plan = chaosPlan(seed, minutes);
      assert.deepEqual(plan, chaosPlan(seed, minutes));
      const ms = plan.reduce(
        (sum, { quietMs, faults }) => sum + quietMs + Math.max(...faults.map(({ afterMs, lastsMs }) => afterMs + lastsMs)),
        0,
      );
      assert.ok(ms >= minutes * 60_000);
    }),
    { numRuns: 50 },
  );
});

test('never more than two faults at once, never two in one part, and what concerns everything comes alone', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      for (const { quietMs, faults } of chaosPlan(seed, 30)) {
        assert.ok(quietMs >= 3_000 && faults.length >= 1 && faults.length <= mostFaultsAtOnce);
        const parts = faults.map(({ kind }) => ruleOf(kind).part);
        assert.equal(new Set(parts).size, parts.length);
        if (parts.includes('whole')) assert.equal(parts.length, 1);
        for (const { kind, lastsMs, draw } of faults) {
          const { lastsMs: bounds, boundMs } = ruleOf(kind);
          assert.ok(boundMs > 0 && lastsMs >= bounds[0] && lastsMs <= bounds[1] && draw >= 0 && draw < 1);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('each kind comes before any comes a second time', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const kinds = chaosPlan(seed, 30).flatMap(({ faults }) => faults.map(({ kind }) => kind));
      assert.deepEqual(new Set(kinds.slice(0, allFaultKinds.length)), new Set(allFaultKinds));
    }),
    { numRuns: 50 },
  );
});
