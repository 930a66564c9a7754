import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turnstile } from './turnstile.ts';

test('no more than there are places run at once, in order, and who finds the queue full is refused', async () => {
  const pass = turnstile({ places: 2, queue: 3, refuse: () => new Error('full') });
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const started: number[] = [];
  const runs = gates.map(async (gate, index) =>
    pass(async () => {
      started.push(index);
      await gate.promise;
      return index;
    }),
  );
  await assert.rejects(
    pass(async () => await Promise.resolve()),
    /full/,
  );
  assert.deepEqual(started, [0, 1]);
  gates[1]?.resolve();
  await runs[1];
  for (const gate of gates) gate.resolve();
  assert.deepEqual(await Promise.all(runs), [0, 1, 2, 3, 4]);
  assert.deepEqual(started, [0, 1, 2, 3, 4]);
});

test('work that fails gives its place back', async () => {
  const pass = turnstile({ places: 1, queue: 1, refuse: () => new Error('full') });
  for (let round = 0; round < 3; round += 1) {
    await assert.rejects(
      pass(async () => await Promise.reject(new Error('broken'))),
      /broken/,
    );
  }
  assert.equal(await pass(async () => await Promise.resolve('done')), 'done');
});
