import type { Host } from '../../src/lab/host.ts';
import { signalStarted } from '../../src/lab/host.ts';
import { outputOf } from '../../src/lab/output-of.ts';

/** Every 5 ms, as the budgets of design.md 12 have it. */
const everySeconds = 0.005;

/** PingResult counts echo requests and answers, and says when the first answer came (milliseconds of the clock; null: none came). */
export type PingResult = { readonly sent: number; readonly received: number; readonly firstAnswerAt: number | null };

export type Pinging = {
  /** Clock time of the first answer. Rejects when ping ends without one. */
  readonly firstAnswer: Promise<number>;
  /** Resolves when all requests were sent and the answers had a second to come. */
  readonly ended: Promise<PingResult>;
  stop(): void;
};

/** startPing sends `count` requests from a host, one each 5 ms. Errors in between (no route yet) do not end it. */
export function startPing(host: Host, to: string, count: number, ...options: readonly string[]): Pinging {
  const child = host.start(
    ['ping', '-n', '-D', '-W', '1', '-i', String(everySeconds), '-c', String(count), ...options, to],
    'SIGINT',
  );
  const said = outputOf(child);
  const firstAnswerAt = () => {
    const stamp = /^\[(\d+\.\d+)\] \d+ bytes from /m.exec(said())?.[1];
    return stamp === undefined ? null : Number(stamp) * 1000;
  };
  const ended = new Promise<PingResult>((resolve, reject) => {
    child.once('close', () => {
      const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(said()) ?? [];
      if (sent === undefined || received === undefined) reject(new Error(`ping ${to} on ${host.name}: ${said().slice(-1000)}`));
      else resolve({ sent: Number(sent), received: Number(received), firstAnswerAt: firstAnswerAt() });
    });
  });
  const firstAnswer = new Promise<number>((resolve, reject) => {
    const look = () => {
      const at = firstAnswerAt();
      if (at === null) return;
      child.stdout.off('data', look);
      resolve(at);
    };
    child.stdout.on('data', look);
    ended.then(() => reject(new Error(`no answer from ${to} to ${host.name}: ${said().slice(-500)}`)), reject);
  });
  // Whoever only counts does not wait for the first answer.
  firstAnswer.catch(() => undefined);
  return { firstAnswer, ended, stop: () => signalStarted(child, 'SIGINT') };
}
