import type { Job } from '../metrics/metrics.ts';
import { coalesce } from '../store/coalesce.ts';
import type { WakeUp } from '../store/wake-up.ts';
import type { SendDeps, SendOptions } from './send-due-mails.ts';
import { sendDueMails } from './send-due-mails.ts';

/** At most so often, however much happens in the WPC: every change wakes up. */
const pause_ms = 1_000;
/** What has to be tried again becomes due without anything that wakes up. */
const poll_ms = 5_000;

/**
 * startMailWorker sends mails when they are queued and when they are due again, until the function that it gives is called: that one ends
 * an attempt that is going on, and the mail is tried again later.
 */
export function startMailWorker(
  deps: SendDeps & { readonly wakeUp: WakeUp; readonly job: Job },
  options: Omit<SendOptions, 'signal'> = {},
): () => Promise<void> {
  const stopping = new AbortController();
  const round = coalesce(pause_ms, async () => {
    if (stopping.signal.aborted) return;
    try {
      await deps.job(async () => await sendDueMails(deps, { ...options, signal: stopping.signal }));
    } catch (error) {
      deps.log.warn({ err: error }, 'looking for mails to send failed; trying again in some seconds');
    }
  });
  const unsubscribe = deps.wakeUp.subscribe(round.call);
  const timer = setInterval(round.call, poll_ms);
  timer.unref();
  round.call();
  return async () => {
    clearInterval(timer);
    unsubscribe();
    stopping.abort();
    await round.stop();
  };
}
