/**
 * Is anything lost that was acknowledged? Writers change the model over the API of a whole installation (`causeway up`) while it is cut off
 * again and again: the power fails (what was not synchronised to the disk is lost), everything is killed at once, or one process with kill
 * -9; it is started again, and what it has is compared with what the writers were told. Exits with 1 if anything is missing. Needs root.
 * `--rounds N` (1,000), `--seed N` (1), `--with-gateway` (its agent and lanes too), `--json` for programs. SIGINT
 * or SIGTERM end it after the round that runs.
 */
import { parseArgs } from 'node:util';
import { World } from '../src/lab/world.ts';
import { enterOwnMounts } from './chaos/own-mounts.ts';
import { crashPlan } from './crash/plan.ts';
import type { CrashRound } from './crash/run-crash.ts';
import { readyWithinMs, runCrash } from './crash/run-crash.ts';
import type { Figure } from './report/figures.ts';
import { figure, progress, report } from './report/figures.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    'with-gateway': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [rounds, seed, gateway] = [Number(values.rounds), Number(values.seed), values['with-gateway']];

await enterOwnMounts();

const done: CrashRound[] = [];
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    progress(`${signal}: the round that runs is the last`);
    stopped = true;
  });
}

await using world = await World.create();
// What was done until then is told in any case.
const gaveUp = await runCrash(
  world,
  { seed, gateway, rounds: crashPlan(seed, rounds, gateway) },
  { tell, enough: () => stopped },
).then(
  () => null,
  (error: unknown) => (error instanceof Error ? error.message : String(error)),
);
if (gaveUp !== null) progress(`VIOLATED: it did not come back by itself: ${gaveUp}`);
const violated = done.filter(({ violations }) => violations.length > 0);
report('crash', figures(), { seed, gateway, stopped, violated, gaveUp });
process.exitCode = violated.length === 0 && gaveUp === null ? 0 : 1;

function tell(round: CrashRound): void {
  done.push(round);
  if (round.violations.length > 0) progress(`round ${round.number}, ${round.cut}: VIOLATED: ${round.violations.join('; ')}`);
  if (round.number % 20 !== 0 && rounds > 20) return;
  progress(`round ${round.number}: ${round.cut}, back in ${round.recoveredMs} ms; ${acknowledged()} changes acknowledged so far`);
}

function acknowledged(): number {
  return done.reduce((sum, round) => sum + round.acknowledged, 0);
}

function figures(): Figure[] {
  const lost = (of: keyof CrashRound['lostAnswers']) => done.reduce((sum, round) => sum + round.lostAnswers[of], 0);
  return [
    figure(
      'rounds with a change lost or half done, or a start that was not clean',
      '',
      [violated.length + (gaveUp === null ? 0 : 1)],
      {
        atMost: 0,
      },
    ),
    figure('rounds', '', [done.length]),
    figure('changes acknowledged', '', [acknowledged()]),
    figure('answers lost, the change found done as a whole', '', [lost('done')]),
    figure('answers lost, the change found not done', '', [lost('notDone')]),
    ...[...new Set(done.map(({ cut }) => cut))].map((cut) => {
      const times = done.filter((round) => round.cut === cut).map(({ recoveredMs }) => recoveredMs);
      return figure(`${cut} (${times.length}): from the cut until all is back`, 'ms', times, { atMost: readyWithinMs });
    }),
  ];
}
