import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createScratch } from './testing/scratch.ts';
import { askLocal, standIns, UpRun, upOptionsFor } from './testing/up-run.ts';

/** Over the whole of a first start, which takes a second or so on an idle machine: before the lock, in initdb, between processes. */
const cutsAfterMs = [150, 500, 1000];

describe('a first start that is cut off by kill -9', () => {
  const scratch = createScratch();
  after(() => scratch.remove());
  const prefix = ['ip', 'netns', 'exec', scratch.namespace];

  for (const [round, cutAfterMs] of cutsAfterMs.entries()) {
    it(`after ${String(cutAfterMs)} ms is completed by the next one`, async () => {
      const data = path.join(scratch.directory, `data-${String(round)}`);
      const first = new UpRun(standIns(upOptionsFor(data), prefix));
      // No synchronisation: wherever the start is by then is the point.
      await delay(cutAfterMs);
      await first.stop('SIGKILL');
      const second = new UpRun(standIns(upOptionsFor(data), prefix));
      await second.ready();
      assert.equal(await askLocal(data), 'local');
      assert.equal(await second.stop(), 0);
    });
  }
});
