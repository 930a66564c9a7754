/**
 * Does it run for years? A lab with two networks of two connectors each, people and an internet gateway is under traffic while parts of the product
 * are killed, frozen, cut off and restored in an order drawn from a seed. All the time: no acknowledged change is lost, nothing is reachable
 * that policy denies, no packet is lost outside of a fault (nor during one that nobody should feel), everything is back within the time that
 * is stated for the fault, and nothing grows. Exits with 1 if any of that does not hold. Needs root.
 * `--minutes N` (30), `--seed N` (1), `--json` for programs. SIGINT or SIGTERM end it after the turn that runs.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { World } from '../src/lab/world.ts';
import { enterOwnMounts } from './chaos/own-mounts.ts';
import { figure, progress, report } from './report/figures.ts';
import type { FaultKind } from './soak/fault-kinds.ts';
import { ruleOf } from './soak/fault-kinds.ts';
import type { SoakResult } from './soak/run-soak.ts';
import { runSoak } from './soak/run-soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
await enterOwnMounts();

let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    progress(`${signal}: the turn that runs is the last`);
    stopped = true;
  });
}

await using world = await World.create();
const result = await runSoak(world, { seed, minutes }, { progress, enough: () => stopped });
const grown = result.growth.filter(({ grew, bound }) => grew > bound);
for (const { atMs, what } of result.violations) progress(`VIOLATED at ${new Date(atMs).toISOString()}: ${what}`);
for (const { name, grew, bound } of grown) progress(`VIOLATED: ${name} grew by ${grew.toFixed(1)}, more than ${bound}`);
const failed = result.violations.length + grown.length > 0;
if (failed) {
  // Beside the run's own directory, which goes with it. Both sides stamp their lines, so a violation's time finds what was said around it.
  const directory = mkdtempSync(join(tmpdir(), `causeway-soak-${seed}-`));
  for (const [name, said] of result.logs) writeFileSync(join(directory, `${name}.log`), said(), { mode: 0o600 });
  progress(
    `what everything said is in ${directory}; the same faults again: causeway bench soak --minutes ${minutes} --seed ${seed}`,
  );
}
report('soak', figuresOf(result), { seed, minutes, stopped, violations: result.violations, loadAfter: loadavg()[0] });
process.exitCode = failed ? 1 : 0;

function figuresOf({ dealt, violations, growth, acknowledged, lostAnswers, transfers, ranMs }: SoakResult) {
  const kinds = [...new Set(dealt.flatMap(({ faults }) => faults))];
  return [
    figure('violations', '', [violations.length + grown.length], { atMost: 0 }),
    figure('it ran for', 's', [Math.round(ranMs / 1000)]),
    figure('faults', '', [dealt.flatMap(({ faults }) => faults).length]),
    figure('changes acknowledged, all of them there', '', [acknowledged]),
    figure('answers lost, the change found done as a whole', '', [lostAnswers.done]),
    figure('answers lost, the change found not done', '', [lostAnswers.notDone]),
    figure('transfers', '', [transfers]),
    ...kinds.map((kind) => recovery(kind, dealt)),
    ...growth.map(({ name, grew, last, bound }) =>
      figure(`growth of ${name} (now ${last.toFixed(0)})`, '', [grew], { atMost: bound }),
    ),
  ];
}

/** Of two at once the slower one counts for both. */
function recovery(kind: FaultKind, dealt: SoakResult['dealt']) {
  const times = dealt.filter(({ faults }) => faults.includes(kind)).map(({ recoveredMs }) => recoveredMs);
  return figure(`${kind} (${times.length}): until everything is as before`, 'ms', times, { atMost: ruleOf(kind).boundMs });
}
