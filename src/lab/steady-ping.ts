import type { Host } from './host.ts';
import { signalStarted } from './host.ts';
import { outputOf } from './output-of.ts';

/**
 * Loss is what a steady ping met: sent and received packets, and the longest time without an answer. `lost` are those that have no answer
 * although a later one has: what was still on its way when the ping ended is not lost.
 */
export type Loss = {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly longestGapMs: number;
};

/**
 * startSteadyPing pings every few milliseconds until `stop` is called, which gives what was lost meanwhile. `-D` stamps every answer, so
 * that the longest gap is measured where the answers arrive.
 */
export function startSteadyPing(from: Host, to: string, everyMs: number): { stop: () => Promise<Loss> } {
  const child = from.start(['ping', '-n', '-D', '-i', String(everyMs / 1000), '-W', '1', to], 'SIGINT');
  const said = outputOf(child);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    async stop() {
      signalStarted(child, 'SIGINT');
      await ended;
      return readLoss(said());
    },
  };
}

/** readLoss reads the output of `ping -D`. Throws when it has no summary: then ping could not even start. */
export function readLoss(text: string): Loss {
  const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(text) ?? [];
  if (sent === undefined || received === undefined) throw new Error(`ping gave no summary: ${text.slice(-300)}`);
  const answers = [...text.matchAll(/^\[(\d+\.\d+)\] \d+ bytes from .*icmp_seq=(\d+)/gm)];
  const stamps = answers.map(([, stamp]) => Number(stamp) * 1000);
  const answered = new Set(answers.map(([, , sequence]) => Number(sequence)));
  let longestGapMs = 0;
  stamps.forEach((stamp, index) => {
    longestGapMs = Math.max(longestGapMs, stamp - (stamps[index - 1] ?? stamp));
  });
  const lost = Math.max(0, ...answered) - answered.size;
  return { sent: Number(sent), received: Number(received), lost, longestGapMs: Math.round(longestGapMs) };
}
