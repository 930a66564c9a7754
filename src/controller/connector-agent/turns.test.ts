import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextRound } from 'node:timers/promises';
import { Turns } from './turns.ts';

test('those who wake together go one after the other, and others in between', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const others = (async () => {
    for (const round of [1, 2, 3]) {
      await nextRound();
      order.push(`other ${String(round)}`);
    }
  })();
  await Promise.all([
    ...['a', 'b', 'c'].map(async (name) => {
      await turns.take();
      order.push(name);
    }),
    others,
  ]);
  assert.deepEqual(order, ['other 1', 'a', 'other 2', 'b', 'other 3', 'c']);
});

test('one that comes when all have gone has its turn too', async () => {
  const turns = new Turns();
  await turns.take();
  await nextRound();
  await turns.take();
});
