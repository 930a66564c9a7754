/**
 * The `causeway` command: finds the command that was named, reads its options and runs it. Commands on the controller's machine
 * are clients of the API like any other, over DIR/run/api.sock; `up`, `lab`, `test` and `bench` are programs of their own
 * that take this process over. Adding a command: commands/README.md.
 *
 * Tests: causeway node --test 'src/cli/*.test.ts'
 */
import { CommanderError } from 'commander';
import { CliFailure, exitCodes } from './failure.ts';
import { buildProgram } from './program.ts';

try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Commander has already written its own message; ours is written here, in one place. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.works : exitCodes.usage;
  }
  if (error instanceof CliFailure) {
    process.stderr.write(`causeway: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`causeway: this is a mistake in causeway itself; please report it with these lines\n`);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.problem;
}
