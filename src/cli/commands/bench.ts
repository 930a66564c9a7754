import type { Command } from 'commander';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { exitCodes } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';

/** registerBench adds `causeway bench`: each file bench/NAME.ts is one benchmark, run as a program of its own. */
export function registerBench(program: Command, surroundings: Surroundings): void {
  program
    .command('bench')
    .usage('[NAME] [--json]')
    .description('measure against a named alternative in the same run, and print each figure beside its budget')
    .argument('[NAME]', 'one benchmark (default: all of them, one after the other)')
    .option('--json', 'print the figures for programs')
    .addHelpText('after', () => `\nBenchmarks: ${benchmarks(surroundings).join(', ')}`)
    .action(async (name: string | undefined, { json }: { readonly json?: boolean }, command: Command) => {
      const known = benchmarks(surroundings);
      const flags = json === true ? ['--json'] : [];
      if (name !== undefined && !known.includes(name)) {
        command.error(`error: ${quoteInput(name)} is not a benchmark: give one of ${known.join(', ')}.`);
      }
      if (name !== undefined) surroundings.become(`bench/${name}.ts`, flags);
      else await runAll(known, flags, surroundings);
    });
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
