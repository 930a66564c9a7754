import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { between, oneOf, seeded } from './random.ts';

test('the same seed gives the same numbers, another seed gives others', () => {
  const draw = (seed: number) => Array.from({ length: 50 }, seeded(seed));
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (one, other) => {
      assert.deepEqual(draw(one), draw(one));
      if (one !== other) assert.notDeepEqual(draw(one), draw(other));
    }),
    { numRuns: 50 },
  );
});

test('numbers stay within their bounds and reach both of them', () => {
  const random = seeded(5);
  const drawn = Array.from({ length: 1_000 }, () => between(random, 3, 7));
  assert.deepEqual(
    [...new Set(drawn)].sort((a, b) => a - b),
    [3, 4, 5, 6, 7],
  );
  assert.throws(() => oneOf(random, []), RangeError);
});
