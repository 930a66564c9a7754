import { CliFailure, exitCodes } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../table.ts';

/**
 * confirm says what will be cut and asks; with `yes` it does neither. Throws CliFailure: `usage` where nobody is there to ask, `problem` where
 * the answer is no, so that a script does not take it for done.
 */
export async function confirm(surroundings: Surroundings, what: readonly string[], yes: boolean): Promise<void> {
  if (yes) return;
  const lines = what.map(printable);
  if (!surroundings.hasTerminal()) {
    throw new CliFailure(
      exitCodes.usage,
      `${lines.join('\n')}\nnothing was changed: there is no terminal to ask on; add --yes to do it`,
    );
  }
  const answer = await surroundings.ask(`${lines.join('\n')}\nGo on? [y/N] `);
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new CliFailure(exitCodes.problem, 'nothing was changed');
}
