import type { Logger } from 'pino';
import type { Job } from '../metrics/metrics.ts';
import type { Store } from '../store/store.ts';
import { sweep } from './sweep.ts';

const every_ms = 3_600_000;

/** The start has better things to do; but an installation that is started anew every hour must be swept too. */
const first_ms = 60_000;

/** sweepRegularly deletes what has expired once an hour, one sweep at a time. Gives what ends it, between two batches. */
export function sweepRegularly(store: Store, log: Logger, job: Job): () => Promise<void> {
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  const run = (): void => {
    running ??= job(async () => await sweep(store, ending.signal))
      .then((swept) => {
        if (Object.keys(swept).length > 0) log.info({ swept }, 'deleted what has expired');
      })
      .catch((error: unknown) => log.warn({ err: error }, 'deleting what has expired failed; it is tried again in an hour'))
      .finally(() => {
        running = undefined;
      });
  };
  const timers = [setTimeout(run, first_ms), setInterval(run, every_ms)];
  for (const timer of timers) timer.unref();
  return async () => {
    for (const timer of timers) clearTimeout(timer);
    ending.abort();
    await running;
  };
}
