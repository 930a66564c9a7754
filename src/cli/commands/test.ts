import type { Command } from 'commander';
import { Argument } from 'commander';
import type { Surroundings } from '../surroundings.ts';

/** Levels as test/runner/levels.ts runs them; `checks` are types, lint, format and the other guards without running code. */
const levels = ['checks', 'unit', 'integration', 'e2e', 'portal'] as const;

/** registerTest adds `causeway test`: becomes the runner of test/runner. */
export function registerTest(program: Command, surroundings: Surroundings): void {
  program
    .command('test')
    .usage('[LEVEL]')
    .description('run the checks and tests, as CI does; the last line is the count')
    .addArgument(new Argument('[LEVEL]', 'only this part (default: all)').choices(levels))
    .action((level: string | undefined) => {
      surroundings.become('test/runner/main.ts', level === undefined ? [] : [level]);
    });
}
