import type { Command } from 'commander';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { version } from '../version.ts';

const closing = `
Options of up, setup-link, status, trace, doctor, what-if, static-routes, cloud and api-credential can also be given as
CAUSEWAY_DATA, CAUSEWAY_LISTEN, CAUSEWAY_HOSTNAME, CAUSEWAY_VPN_PORT and CAUSEWAY_REGION; an option wins over its variable.

Exit codes: 0 it works, 1 there is a problem, 2 the command line is wrong, 3 nothing answers.
            Of up: 0 stopped, 1 failed, 2 the command line is wrong, 4 something on this machine is missing.

First network in five minutes: README.md. Every command with --json is explained in docs/json.md.
`;

/** registerHelp sets what `causeway`, `causeway help [COMMAND]` and --help show. */
export function registerHelp(program: Command): void {
  program
    .description('Access to private networks over OpenVPN: one machine for control and tunnels, a connector in each network.')
    .usage('COMMAND [OPTIONS]')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show what a command does and its options')
    .helpCommand('help [command]', 'show the commands, or the options of one')
    .configureHelp({
      subcommandTerm: (command) => (command.usage() === '' ? command.name() : `${command.name()} ${command.usage()}`),
    })
    .addHelpText('after', closing)
    // Words behind an unknown command are its own, not too many of ours.
    .argument('[COMMAND...]')
    .action(([unknown]: readonly string[]) => {
      if (unknown === undefined) program.outputHelp();
      else program.error(`error: ${quoteInput(unknown)} is not a command.`);
    });
}
