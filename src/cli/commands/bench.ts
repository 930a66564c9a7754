import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { exitCodes } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';

/**
 * What takes half an hour or does harm on purpose, with the options that it takes: run by name alone, never with all of them. Their figures stand in
 * docs/reliability.md.
 */
const byHand: Readonly<Record<string, readonly BenchOption[]>> = { crash: ['rounds', 'seed'], soak: ['minutes', 'seed'] };

type BenchOption = 'rounds' | 'minutes' | 'seed';

/** registerBench adds `causeway bench`: each file bench/NAME.ts is one benchmark, run as a program of its own. */
export function registerBench(program: Command, surroundings: Surroundings): void {
  program
    .command('bench')
    .usage(
      '[NAME] [--json]\n       causeway bench crash [--rounds N] [--seed N] [--json]\n       causeway bench soak [--minutes N] [--seed N] [--json]',
    )
    .description('measure against a named alternative in the same run, and print each figure beside its budget')
    .argument('[NAME]', 'one benchmark (default: all of them, one after the other)')
    .option('--json', 'print the figures for programs')
    .option('--rounds <N>', 'crash: how many times something is killed during writes', wholeNumber)
    .option('--minutes <N>', 'soak: for how long', wholeNumber)
    .option('--seed <N>', 'crash, soak: the same seed gives the same faults', wholeNumber)
    .addHelpText('after', () => `\nBenchmarks: ${benchmarks(surroundings).join(', ')}`)
    .action(async (name: string | undefined, { json, ...numbers }: BenchOptions, command: Command) => {
      const known = benchmarks(surroundings);
      const flags = json === true ? ['--json'] : [];
      const taken = byHand[name ?? ''] ?? [];
      for (const [option, value] of Object.entries(numbers)) {
        if (!taken.some((each) => each === option)) {
          const takers = Object.keys(byHand).filter((each) => byHand[each]?.some((other) => other === option));
          command.error(`error: --${option} is for ${takers.map((each) => `"causeway bench ${each}"`).join(' and ')} only.`);
        }
        flags.push(`--${option}`, String(value));
      }
      if (name !== undefined && !known.includes(name)) {
        command.error(`error: ${quoteInput(name)} is not a benchmark: give one of ${known.join(', ')}.`);
      }
      if (name !== undefined) surroundings.become(`bench/${name}.ts`, flags);
      else
        await runAll(
          known.filter((each) => !(each in byHand)),
          flags,
          surroundings,
        );
    });
}

type BenchOptions = { readonly json?: boolean } & { readonly [Option in BenchOption]?: number };

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`${quoteInput(text)} is not a whole number.`);
}

/** One at a time, because they measure; one that fails does not keep the others from being measured. */
async function runAll(names: readonly string[], flags: readonly string[], surroundings: Surroundings): Promise<void> {
  for (const name of names) {
    const code = await surroundings.run(`bench/${name}.ts`, flags);
    if (code === 0) continue;
    surroundings.writeErr(`causeway: the benchmark ${name} failed with exit code ${code}\n`);
    surroundings.setExitCode(exitCodes.problem);
  }
}

function benchmarks(surroundings: Surroundings): string[] {
  return surroundings
    .list('bench')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}
