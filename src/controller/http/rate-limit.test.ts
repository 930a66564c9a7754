import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { testController } from '../test-controller.ts';
import { tokenBuckets } from './token-bucket.ts';

test('every answer to a credential has the three headers, all positive integers or zero left, and beyond the burst it is 429', async () => {
  await using controller = await testController({ rateLimit: { perSecond: 1, burst: 5 } });
  const [mine, other] = [await controller.tokenWith(['all:read']), await controller.tokenWith(['all:read'])];
  const ask = async (token: string, url = '/api/v1/regions') =>
    await controller.app.inject({ url, headers: { authorization: `Bearer ${token}` } });

  const answers = [];
  for (let index = 0; index < 6; index += 1) answers.push(await ask(mine));
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200, 200, 200, 429],
  );
  for (const { headers } of answers) {
    assert.equal(headers['x-ratelimit-replenish-rate'], '1');
    assert.equal(headers['x-ratelimit-replenish-time'], '1');
    assert.match(String(headers['x-ratelimit-remaining']), /^\d+$/);
  }
  assert.match(answers[5]?.body ?? '', /TOO_MANY_REQUESTS/);
  assert.match(String(answers[5]?.headers['retry-after']), /^[1-9]\d*$/);
  // Another credential is not held up by this one, and errors count and are marked as well.
  const missing = await ask(other, '/api/v1/networks/00000000-0000-4000-8000-000000000000');
  assert.equal(missing.headers['x-ratelimit-remaining'], '4');
});

test('an answer to somebody without a credential has none of the headers', async () => {
  await using controller = await testController();
  const { headers } = await controller.app.inject({ url: '/api/causeway/v1/healthz' });
  assert.deepEqual(
    Object.keys(headers).filter((name) => name.startsWith('x-ratelimit')),
    [],
  );
});

test('a bucket never gives more than burst plus rate times the time that has passed', () => {
  const steps = fc.array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 50 }), (pauses_ms, perSecond, burst) => {
      const buckets = tokenBuckets({ perSecond, burst });
      let now_ms = 0;
      let given = 0;
      for (const pause_ms of pauses_ms) {
        now_ms += pause_ms;
        const { allowed, remaining, retryAfter_s } = buckets.take('key', now_ms);
        if (allowed) given += 1;
        assert.ok(Number.isInteger(remaining) && remaining >= 0 && remaining < burst);
        assert.equal(allowed, retryAfter_s === 0);
      }
      assert.ok(given <= burst + (now_ms / 1000) * perSecond);
    }),
  );
});

test('a bucket is full again after its time, and waiting as long as it says is enough', () => {
  const buckets = tokenBuckets({ perSecond: 2, burst: 3 });
  const take = (now_ms: number) => buckets.take('key', now_ms);
  for (const _ of [1, 2, 3]) assert.equal(take(0).allowed, true);
  const refused = take(0);
  assert.equal(refused.allowed, false);
  assert.equal(take(refused.retryAfter_s * 1000).allowed, true);
  assert.equal(take(10_000).remaining, 2);
});

test('however many keys come, ten thousand are remembered, and who is used meanwhile is not forgotten', () => {
  // So slow that none is full again: not even then may they pile up.
  const buckets = tokenBuckets({ perSecond: 1, burst: 100_000 });
  for (let index = 0; index < 30_000; index += 1) {
    buckets.take(`key-${String(index)}`, index);
    buckets.take('busy', index);
  }
  assert.equal(buckets.size(), 10_000);
  assert.ok(buckets.take('busy', 30_000).remaining < 100_000 - 29_000);
});
