import type { Command } from 'commander';
import type { AuthorityAnswer } from '../../contract/api/authority.ts';
import { authority, authorityRoutes } from '../../contract/api/authority.ts';
import { exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import { confirm } from '../nouns/confirm.ts';
import { dataOption, serverOption } from '../options/server.ts';
import { callApi } from '../server/call-api.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable, table } from '../table.ts';

interface Parsed extends ServerChoice {
  readonly json?: boolean;
  readonly now?: boolean;
  readonly yes?: boolean;
}

/** registerCa adds `causeway ca status|renew`: the CA that signs every tunnel, and its renewal (docs/housekeeping.md). */
export function registerCa(program: Command, surroundings: Surroundings): void {
  const noun = program.command('ca').usage('status|renew').description('the CA of the installation, and its renewal');
  const verb = (name: string, description: string) =>
    noun
      .command(name)
      .description(description)
      .addOption(dataOption())
      .addOption(serverOption())
      .option('--json', 'print it for programs');
  const show = (found: AuthorityAnswer, json: boolean | undefined) =>
    surroundings.writeOut(json === true ? jsonText(found) : authorityText(found));

  verb('status', 'show until when it is valid, and how far its renewal is').action(async ({ json, ...choice }: Parsed) => {
    const { method, path } = authorityRoutes.read;
    show(await callApi(choice, { method, path }, authority), json);
  });
  verb('renew', 'make the next CA now; both are believed until nobody needs the old one')
    .option('--now', 'end the current one at once: every profile and connector has to be installed anew')
    .option('--yes', 'do not ask')
    .action(async ({ json, now = false, yes = false, ...choice }: Parsed) => {
      if (now) {
        await confirm(
          surroundings,
          ['This ends the CA now: every profile and connector is cut off until it is installed anew.'],
          yes,
        );
      }
      const { method, path } = authorityRoutes.renew;
      show(await callApi(choice, { method, path, body: { now }, refused: exitCodes.usage }, authority), json);
    });
}

function authorityText({ phase, current, next, gatewaysBehind, dependents, nextStep }: AuthorityAnswer): string {
  const root = (name: string, { sha256, validUntil }: AuthorityAnswer['current']) => [
    name,
    `until ${validUntil.slice(0, 10)}`,
    sha256,
  ];
  return [
    table([root('CA', current), ...(next === null ? [] : [root('next CA', next)])]),
    `${phases[phase]}; it ${nextStep}\n`,
    ...(gatewaysBehind.length === 0
      ? []
      : [`Gateways that do not believe both yet: ${gatewaysBehind.map(printable).join(', ')}\n`]),
    ...(dependents.length === 0
      ? []
      : [
          'Certificates of the old CA:\n',
          table(dependents.map(({ kind, name, until }) => [kind, printable(name), `until ${until.slice(0, 10)}`])),
        ]),
  ].join('');
}

const phases = {
  single: 'It signs everything',
  announced: 'The next CA is made; the current one signs everything',
  switched: 'The next CA signs connectors and devices, the current one lanes and portal',
} as const satisfies Record<AuthorityAnswer['phase'], string>;
