import type { Figure } from '../report/figures.ts';
import { figure, median, progress } from '../report/figures.ts';
import type { Change } from '../actions/changes.ts';
import { giveWay } from '../actions/connector-machine.ts';
import { changesUnderLoad } from '../actions/changes.ts';
import type { Endpoints } from '../shapes/endpoints.ts';
import { flowsOf } from '../shapes/endpoints.ts';
import type { FlowLoss } from '../../src/lab/answers.ts';
import { startFlow } from '../../src/lab/flow.ts';
import { startIperf, transfer } from './iperf.ts';
import { setTimeout as delay } from 'node:timers/promises';

const rounds = 5;
/** The stream has its speed by then; iperf3 leaves out its first second by itself. */
const warmUpMs = 2_000;
/** For how long the ping is watched, with the change in its first part. */
const watchedMs = 5_000;
const streamSeconds = 12;

type Run = FlowLoss & { readonly megabits: number; readonly retransmits: number };

/**
 * measureUnderLoad makes changes while a TCP stream takes what the first column's connector can carry, with a 5 ms ping beside it on the
 * same way, and compares with the same load left alone. The machines of other sites give way: they would be computers of their own. A stream that is
 * reset ends the benchmark with iperf3's words.
 */
export async function measureUnderLoad(
  endpoints: Endpoints,
): Promise<{ readonly table: string; readonly figures: readonly Figure[] }> {
  await startIperf(endpoints.hq.server);
  const elsewhere = [endpoints.plant, ...endpoints.exits].map(({ machine }) => machine);
  for (const machine of [...elsewhere, endpoints.branch.connector]) await giveWay(machine);
  const lines = ['| Change | lost, with and without it | longest gap | TCP stream |', '| --- | --- | --- | --- |'];
  const figures: Figure[] = [];
  for (const change of changesUnderLoad()) {
    const runs: { readonly left: Run; readonly changed: Run }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const left = await loaded(endpoints, () => Promise.resolve());
      const changed = await loaded(endpoints, () => change.make(endpoints));
      await change.undo?.(endpoints);
      runs.push({ left, changed });
      progress(
        `${change.name}, under load: lost ${changed.lost} and ${left.lost} without, gaps ${changed.longestGapMs} and ${left.longestGapMs} ms`,
      );
    }
    lines.push(line(change, runs));
    figures.push(
      figure(
        `${change.name}, under load: lost more than without`,
        'pings',
        runs.map(({ left, changed }) => changed.lost - left.lost),
        { atMost: 0 },
      ),
      figure(
        '  longest gap',
        'ms',
        runs.map(({ changed }) => changed.longestGapMs),
        { atMost: 50 },
      ),
      figure(
        '  longest gap of the same load without the change (the alternative)',
        'ms',
        runs.map(({ left }) => left.longestGapMs),
      ),
    );
  }
  return { table: lines.join('\n'), figures };
}

/** loaded makes a change in the midst of a stream and gives what the ping beside it met. */
async function loaded(endpoints: Endpoints, make: () => Promise<void>): Promise<Run> {
  const { from, to } = flowsOf(endpoints).ownLane;
  const stream = transfer({ from, to, direction: 'there' }, streamSeconds);
  // It is awaited below; a failure of the change must not leave its own unseen.
  stream.catch(() => undefined);
  await delay(warmUpMs);
  const flow = startFlow({ from, to });
  const watched = delay(watchedMs);
  await make();
  await watched;
  const loss = await flow.stop();
  const { megabits, retransmits } = await stream;
  return { ...loss, megabits, retransmits };
}

function line({ name }: Change, runs: readonly { readonly left: Run; readonly changed: Run }[]): string {
  const of = (which: 'left' | 'changed', field: keyof Omit<Run, 'back'>) => median(runs.map((run) => run[which][field]));
  return `| ${name} | ${of('changed', 'lost')} / ${of('left', 'lost')} | ${of('changed', 'longestGapMs')} ms / ${of('left', 'longestGapMs')} ms | ${of('changed', 'megabits').toFixed(0)} / ${of('left', 'megabits').toFixed(0)} Mbit/s, not reset |`;
}
