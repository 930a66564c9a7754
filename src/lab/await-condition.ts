import { setTimeout as delay } from 'node:timers/promises';

/**
 * awaitCondition asks again until `check` gives something else than undefined, and returns that. `expectation` is a sentence for the
 * error when the time is over; the last reason, given by an exception of `check`, is added to it. Never wait without a message.
 */
export async function awaitCondition<Value>(
  expectation: string,
  check: () => Promise<Value | undefined> | Value | undefined,
  { withinMs = 20_000, everyMs = 100 }: { withinMs?: number; everyMs?: number } = {},
): Promise<Value> {
  const end = performance.now() + withinMs;
  let reason = '';
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined) return value;
      reason = '';
    } catch (error) {
      reason = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() >= end) throw new Error(`waited ${withinMs / 1000} s for: ${expectation}${reason}`);
    await delay(everyMs);
  }
}
