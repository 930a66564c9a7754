/**
 * The tracer on every failure of the catalogue, on pairs of them, and on set-ups in which nothing may be found: the pack of `causeway lab
 * conformance`, run once, a test for each row. What takes long is the first row and the end: rows come as they are done.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { RoundRow } from '../../src/lab/conformance/rounds.ts';
import { roundsOf } from '../../src/lab/conformance/rounds.ts';
import { runConformance } from '../../src/lab/conformance/run-conformance.ts';

describe('conformance of the tracer', () => {
  const everything = { faults: [], seed: null };
  const rows = new Map(roundsOf(everything).map(({ name }) => [name, Promise.withResolvers<RoundRow>()]));
  // Each is awaited by its test, which may begin long after it was rejected.
  for (const { promise } of rows.values()) promise.catch(() => undefined);

  before(() => {
    const pack = runConformance(everything, {
      onProgress: () => undefined,
      onRow: (name, row) => rows.get(name)?.resolve(row),
    });
    // Where a topology cannot be built no row of it comes.
    pack.catch((error: unknown) => {
      for (const { reject } of rows.values()) reject(error);
    });
  });

  for (const [name, { promise }] of rows) {
    test(name, async () => {
      const { row } = await promise;
      assert.deepEqual(row.problems, []);
      assert.ok(row.passed);
    });
  }
});
