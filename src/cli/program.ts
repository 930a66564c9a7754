import { Command } from 'commander';
import { registerApiCredential } from './commands/api-credential.ts';
import { registerBackup } from './commands/backup.ts';
import { registerBench } from './commands/bench.ts';
import { registerCa } from './commands/ca.ts';
import { registerChange } from './commands/change.ts';
import { registerCloud } from './commands/cloud.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerDrain } from './commands/drain.ts';
import { registerHelp } from './commands/help.ts';
import { registerHousekeeping } from './commands/housekeeping.ts';
import { registerLab } from './commands/lab.ts';
import { registerLogin } from './commands/login.ts';
import { registerRestore } from './commands/restore.ts';
import { registerService } from './commands/service.ts';
import { registerMetricsCommand } from './commands/metrics.ts';
import { registerPackage } from './commands/package.ts';
import { registerSetupLink } from './commands/setup-link.ts';
import { registerStaticRoutes } from './commands/static-routes.ts';
import { registerStatus } from './commands/status.ts';
import { registerTest } from './commands/test.ts';
import { registerTrace } from './commands/trace.ts';
import { registerUpgrade } from './commands/upgrade.ts';
import { registerUp } from './commands/up.ts';
import { registerWhatIf } from './commands/what-if.ts';
import { connectorNoun } from './nouns/connector.ts';
import { credentialNoun } from './nouns/credential.ts';
import { deviceNoun } from './nouns/device.ts';
import { groupNoun } from './nouns/group.ts';
import { hostNoun } from './nouns/host.ts';
import { networkNoun } from './nouns/network.ts';
import { sessionNoun } from './nouns/session.ts';
import { settingNoun } from './nouns/setting.ts';
import { userNoun } from './nouns/user.ts';
import { registerNoun } from './nouns/noun.ts';
import type { Surroundings } from './surroundings.ts';
import { realSurroundings } from './surroundings.ts';

/** Every object of the API, in the order in which the help shows them. */
const nouns = [networkNoun, connectorNoun, hostNoun, userNoun, groupNoun, deviceNoun, sessionNoun, credentialNoun, settingNoun];

/** buildProgram makes the command tree; tests give it surroundings of their own and read what it wrote and would have run. */
export function buildProgram(surroundings: Surroundings = realSurroundings): Command {
  const program = new Command('causeway');
  // Throwing instead of exiting leaves the exit code to main.ts. It is inherited by commands that are made after it.
  program.exitOverride().configureOutput({ writeOut: surroundings.writeOut, writeErr: surroundings.writeErr });
  // What stands behind the name of a command is its own, also where a command above it has an option of that name.
  program.enablePositionalOptions();
  program.showHelpAfterError('(causeway help shows the commands; causeway help COMMAND its options)');
  registerHelp(program);
  registerUp(program, surroundings);
  registerService(program, surroundings);
  registerSetupLink(program, surroundings);
  registerBackup(program, surroundings);
  registerRestore(program, surroundings);
  registerUpgrade(program, surroundings);
  registerStatus(program, surroundings);
  registerHousekeeping(program, surroundings);
  registerCa(program, surroundings);
  registerMetricsCommand(program, surroundings);
  registerTrace(program, surroundings);
  registerDoctor(program, surroundings);
  registerWhatIf(program, surroundings);
  registerStaticRoutes(program, surroundings);
  registerCloud(program, surroundings);
  for (const noun of nouns) registerNoun(program, surroundings, noun);
  registerDrain(program, surroundings);
  registerChange(program, surroundings);
  registerApiCredential(program, surroundings);
  registerLogin(program, surroundings);
  registerCompletion(program, surroundings);
  registerLab(program, surroundings);
  registerTest(program, surroundings);
  registerBench(program, surroundings);
  registerPackage(program, surroundings);
  return program;
}
