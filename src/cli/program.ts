import { Command } from 'commander';
import { registerApiCredential } from './commands/api-credential.ts';
import { registerBench } from './commands/bench.ts';
import { registerCloud } from './commands/cloud.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerDrain } from './commands/drain.ts';
import { registerHelp } from './commands/help.ts';
import { registerLab } from './commands/lab.ts';
import { registerSetupLink } from './commands/setup-link.ts';
import { registerStaticRoutes } from './commands/static-routes.ts';
import { registerStatus } from './commands/status.ts';
import { registerTest } from './commands/test.ts';
import { registerTrace } from './commands/trace.ts';
import { registerUp } from './commands/up.ts';
import { registerWhatIf } from './commands/what-if.ts';
import type { Surroundings } from './surroundings.ts';
import { realSurroundings } from './surroundings.ts';

/** buildProgram makes the command tree; tests give it surroundings of their own and read what it wrote and would have run. */
export function buildProgram(surroundings: Surroundings = realSurroundings): Command {
  const program = new Command('causeway');
  // Throwing instead of exiting leaves the exit code to main.ts. It is inherited by commands that are made after it.
  program.exitOverride().configureOutput({ writeOut: surroundings.writeOut, writeErr: surroundings.writeErr });
  program.showHelpAfterError('(causeway help shows the commands; causeway help COMMAND its options)');
  registerHelp(program);
  registerUp(program, surroundings);
  registerSetupLink(program, surroundings);
  registerStatus(program, surroundings);
  registerTrace(program, surroundings);
  registerDoctor(program, surroundings);
  registerWhatIf(program, surroundings);
  registerStaticRoutes(program, surroundings);
  registerCloud(program, surroundings);
  registerDrain(program, surroundings);
  registerApiCredential(program, surroundings);
  registerLab(program, surroundings);
  registerTest(program, surroundings);
  registerBench(program, surroundings);
  return program;
}
