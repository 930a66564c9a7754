import { awaitCondition } from './await-condition.ts';
import type { Host } from './host.ts';
import { signalStarted } from './host.ts';
import { Answers } from './answers.ts';
import type { FlowLoss } from './answers.ts';

/** As the budgets of design.md 12 have it. */
const usualMs = 5;

/** FlowPlan says between whom packets go, and how often; without that as the budgets have it. */
export type FlowPlan = { readonly from: Host; readonly to: string; readonly everyMs?: number };

/** Flow is a ping that goes on until it is stopped, and can be asked meanwhile how it fares. */
export type Flow = {
  /** Clock time of the last answer in milliseconds; null: none came yet. */
  readonly lastAt: () => number | null;
  /** For how long every request has been answered, up to now. */
  readonly unbrokenMs: () => number;
  /** From here on losses count; without it from the start. */
  readonly begin: () => void;
  /** loss is what was lost up to now. */
  readonly loss: () => FlowLoss;
  /** stop ends it and gives what was lost up to now. */
  readonly stop: () => Promise<FlowLoss>;
};

/**
 * Without answers ping looks at its clock each 10 ms only (MININTERVAL in its ping.h) and sends what it is behind with, up to `-l`. Where it cannot send
 * at all (no route) it tries once in 16 ms, so that then fewer are lost than there should be; the gap says the truth.
 */
const preload = '3';

/** startFlow pings every 5 ms unless the plan says otherwise. Errors in between (no route yet) do not end it. */
export function startFlow({ from, to, everyMs = usualMs }: FlowPlan, ...options: readonly string[]): Flow {
  const child = from.start(
    ['ping', '-n', '-D', '-W', '1', '-i', String(everyMs / 1000), '-l', preload, ...options, to],
    'SIGINT',
  );
  const answers = new Answers();
  child.stdout.on('data', (chunk) => answers.take(String(chunk)));
  // Errors would fill the pipe, and ping would wait for somebody to read them.
  child.stderr.resume();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const loss = () => answers.loss(Date.now(), everyMs);
  return {
    lastAt: () => answers.lastAt,
    unbrokenMs: () => answers.unbrokenMs(Date.now()),
    begin: () => answers.begin(),
    loss,
    async stop() {
      const lost = loss();
      signalStarted(child, 'SIGINT');
      await ended;
      return lost;
    },
  };
}

/**
 * awaitUnbroken waits until every flow has been answered without a loss for this long; throws with the names of those that are not. A flow that has
 * just been cut looks whole for a moment, so after a change give `settleMs` as well: for how long it is watched in any case.
 */
export async function awaitUnbroken(
  flows: ReadonlyMap<string, Flow>,
  { forMs, withinMs, settleMs = 0 }: { readonly forMs: number; readonly withinMs: number; readonly settleMs?: number },
): Promise<void> {
  const startedAt = Date.now();
  await awaitCondition(
    `${forMs} ms without a loss on every flow`,
    () => {
      const broken = [...flows].filter(([, flow]) => flow.unbrokenMs() < forMs).map(([name]) => name);
      if (broken.length > 0) throw new Error(`not so: ${broken.join('; ')}`);
      return Date.now() - startedAt >= settleMs ? true : undefined;
    },
    { withinMs, everyMs: 20 },
  );
}
