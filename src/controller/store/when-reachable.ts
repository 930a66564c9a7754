import { setTimeout as delay } from 'node:timers/promises';
import { isDatabaseUnavailable } from './database-trouble.ts';

/**
 * whenReachable repeats `work` while the database cannot be reached, for `patience_ms` at most: it may be starting, or starting again. Any
 * other error is thrown on at once.
 */
export async function whenReachable<Result>(
  work: () => Promise<Result>,
  options: { readonly patience_ms: number; readonly onWait: (error: unknown) => void; readonly signal: AbortSignal },
): Promise<Result> {
  const giveUpAt = performance.now() + options.patience_ms;
  for (let pause_ms = 50; ; pause_ms = Math.min(pause_ms * 2, 1_000)) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseUnavailable(error) || performance.now() + pause_ms > giveUpAt || options.signal.aborted) throw error;
      options.onWait(error);
      await delay(pause_ms, undefined, { signal: options.signal });
    }
  }
}
