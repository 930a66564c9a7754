import { CommanderError } from 'commander';
import type { ExitCode } from './failure.ts';
import { CliFailure, exitCodes } from './failure.ts';
import { buildProgram } from './program.ts';
import type { Surroundings } from './surroundings.ts';

/** runProgram runs one command line; what it ends with is written to stderr, in one place, and becomes the exit code. */
export async function runProgram(args: readonly string[], surroundings: Surroundings): Promise<void> {
  try {
    await buildProgram(surroundings).parseAsync(args, { from: 'user' });
  } catch (error) {
    surroundings.setExitCode(exitCodeOf(error, surroundings));
  }
}

/** Commander has already written its own message. */
function exitCodeOf(error: unknown, { writeErr }: Surroundings): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.works : exitCodes.usage;
  }
  if (error instanceof CliFailure) {
    writeErr(`causeway: ${error.message}\n`);
    return error.exitCode;
  }
  writeErr(`causeway: this is a mistake in causeway itself; please report it with these lines\n`);
  writeErr(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.problem;
}
