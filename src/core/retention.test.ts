import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { retentionKinds, retentionRules, retentionWith } from './retention.ts';

test('every kind is kept within its bounds whatever was stored, and as it stands where nothing was', () => {
  const stored = fc.dictionary(fc.constantFrom(...retentionKinds), fc.integer({ min: -10, max: 10_000 }));
  fc.assert(
    fc.property(stored, (chosen) => {
      const days = retentionWith(chosen);
      assert.deepEqual(Object.keys(days).toSorted(), retentionKinds.toSorted());
      for (const kind of retentionKinds) {
        const { standard, least, most } = retentionRules[kind];
        assert.equal(days[kind], Math.min(most, Math.max(least, chosen[kind] ?? standard)), kind);
      }
      assert.deepEqual(retentionWith(days), days, 'what is in force is stored as it is');
    }),
  );
});
