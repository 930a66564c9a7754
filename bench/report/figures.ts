/**
 * What the benchmarks share on their way out: figures with their spread and budget, as text for people or with `--json` for programs.
 * A budget is printed, never asserted: a machine that is busy must not turn a test run red.
 */
import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

export type Budget = { readonly atMost: number } | { readonly atLeast: number };

/** Figure is one thing that was measured; its value is the median of its runs. */
export type Figure = {
  readonly name: string;
  readonly unit: string;
  readonly runs: readonly number[];
  /** Null for what stands beside as the alternative, or for information. */
  readonly budget: Budget | null;
};

/** figure leaves out runs that could not be measured only if the caller does; none at all is an error. */
export function figure(name: string, unit: string, runs: readonly number[], budget: Budget | null = null): Figure {
  if (runs.length === 0) throw new RangeError(`nothing was measured for "${name}"`);
  return { name, unit, runs, budget };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** ratios divides run by run: interleaved runs of one round had the same neighbours, medians of whole series need not have. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
}

/** The load of the machine before the benchmark itself adds to it: above a third of the cores, figures are not worth much. */
const loadBefore = Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);

/** report prints all figures of a benchmark at its end; `more` are fields of the JSON for what is no figure. */
export function report(bench: string, figures: readonly Figure[], more: Readonly<Record<string, unknown>> = {}): void {
  const machine = { cores: cpus().length, kernel: release(), loadBefore };
  const rows = figures.map(({ name, unit, runs, budget }) => {
    const value = median(runs);
    return { name, unit, value, least: Math.min(...runs), most: Math.max(...runs), runs, budget, met: isMet(value, budget) };
  });
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ bench, machine, figures: rows, ...more }));
    return;
  }
  console.log(`${bench} (${machine.cores} cores, Linux ${machine.kernel}, load before ${loadBefore})`);
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, unit, value, least, most, runs, budget, met } of rows) {
    const spread = runs.length > 1 ? `  ${shown(least)} to ${shown(most)} in ${runs.length} runs` : '';
    console.log(
      `  ${name.padEnd(width)}  ${shown(value).padStart(7)} ${unit.padEnd(8)}${spread.padEnd(34)}${budgetText(budget, met)}`.trimEnd(),
    );
  }
}

/** progress tells a person who waits what is being measured; stdout is for the figures alone. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function isMet(value: number, budget: Budget | null): boolean | null {
  if (budget === null) return null;
  return 'atMost' in budget ? value <= budget.atMost : value >= budget.atLeast;
}

function budgetText(budget: Budget | null, met: boolean | null): string {
  if (budget === null) return '';
  return `budget ${'atMost' in budget ? `<= ${budget.atMost}` : `>= ${budget.atLeast}`}: ${met === true ? 'met' : 'missed'}`;
}

/** Three digits that count, whatever the size. */
function shown(value: number): string {
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 10
      ? value.toFixed(1)
      : value.toFixed(Math.abs(value) < 1 ? 3 : 2);
}
