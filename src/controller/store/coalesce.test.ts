import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { coalesce } from './coalesce.ts';

/** Counts runs; each ends when the test lets it. */
function gate() {
  const waiting: (() => void)[] = [];
  let begun = 0;
  return {
    begun: () => begun,
    action: async (): Promise<void> => {
      begun += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    letOne: () => waiting.shift()?.(),
  };
}

test('the first call runs at once, and a thousand within the interval are one more', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let runs = 0;
  const coalesced = coalesce(50, async () => {
    runs += 1;
    await Promise.resolve();
  });
  coalesced.call();
  await Promise.resolve();
  assert.equal(runs, 1);
  for (let index = 0; index < 1_000; index += 1) coalesced.call();
  await Promise.resolve();
  assert.equal(runs, 1);
  context.mock.timers.tick(50);
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(runs, 2);
  context.mock.timers.tick(500);
  await Promise.resolve();
  assert.equal(runs, 2);
  await coalesced.stop();
});

test('stopping runs what is still due, waits for it, and ends all later calls', async () => {
  const { action, begun, letOne } = gate();
  const coalesced = coalesce(60_000, action);
  coalesced.call();
  coalesced.call();
  await setImmediate();
  assert.equal(begun(), 1);
  const stopped = coalesced.stop();
  coalesced.call();
  letOne();
  // The second begins when the first has ended.
  await setImmediate();
  assert.equal(begun(), 2);
  letOne();
  await stopped;
  assert.equal(begun(), 2);
});
