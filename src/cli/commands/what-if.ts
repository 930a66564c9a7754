import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { natModes } from '../../contract/api/network-details.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import type { ProposedChange } from '../../contract/api/what-if.ts';
import { whatIfRoutes } from '../../contract/api/what-if.ts';
import { internetAccessModes } from '../../contract/api/words.ts';
import { whatIfAnswer } from '../../contract/cli/what-if.ts';
import { formatPrefix, parsePrefix } from '../../core/ip/prefix.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import type { Named } from '../find-named.ts';
import { findNamed } from '../find-named.ts';
import { glyphsFor } from '../glyphs.ts';
import { listAll } from '../server/list-all.ts';
import { jsonText } from '../json-text.ts';
import { callApi } from '../server/call-api.ts';
import { dataOption, serverOption } from '../options/server.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';
import { whatIfText } from '../what-if-text.ts';

const named = z.object({ id: z.string(), name: z.string() });

/** With many networks and kinds of group the controller walks for a while before it says the first word. */
const compareSilence_ms = 90_000;

/** One change as it was typed, for refusals; in `change` names may stand where the API wants ids. */
interface Typed {
  readonly option: string;
  readonly text: string;
  readonly change: ProposedChange;
}

interface Parsed extends ServerChoice {
  readonly changes?: readonly Typed[];
  readonly ascii?: boolean;
  readonly json?: boolean;
}

/** ChangeOption is one kind of change. All kinds gather in one list, because what is removed first makes room for what is added after it. */
class ChangeOption extends Option {
  override attributeName(): string {
    return 'changes';
  }
}

/** registerWhatIf adds `causeway what-if`: 0 when the changes break no flow, 1 when they break some. Nothing is saved. */
export function registerWhatIf(program: Command, surroundings: Surroundings): void {
  program
    .command('what-if')
    .usage('CHANGE... [OPTIONS]')
    .description('say which flows a change would break and open, before it is saved')
    .addOption(
      changeOption('--add-prefix', 'NETWORK=PREFIX', 'lead a prefix to a network', (networkId, text) => ({
        kind: 'add-prefix',
        networkId,
        prefix: readPrefix(text),
      })),
    )
    .addOption(
      changeOption('--remove-prefix', 'NETWORK=PREFIX', 'take a prefix from a network', (networkId, text) => ({
        kind: 'remove-prefix',
        networkId,
        prefix: readPrefix(text),
      })),
    )
    .addOption(
      changeOption('--nat', 'NETWORK=MODE', `NAT of a network: ${natModes.join(' or ')}`, (networkId, text) => ({
        kind: 'set-nat',
        networkId,
        nat: readWord('NAT mode', natModes, text),
      })),
    )
    .addOption(
      changeOption('--internet', 'GROUP=MODE', `of a user group: ${internetAccessModes.join(', ')}`, (userGroupId, text) => ({
        kind: 'set-internet-access',
        userGroupId,
        internetAccess: readWord('internet access', internetAccessModes, text),
        gatewaysIds: [],
      })),
    )
    .addOption(
      changeOption('--add-network', 'NAME=PREFIX[,PREFIX]', 'make a network, which has no connector yet', (name, text) => ({
        kind: 'add-network',
        name,
        nat: 'masquerade',
        prefixes: text.split(',').map(readPrefix),
      })),
    )
    .option('--ascii', 'no other signs than those of ASCII')
    .addOption(dataOption())
    .addOption(serverOption())
    .option('--json', 'print it for programs')
    .addHelpText('after', '\nChanges may be given several times, and follow each other in the order of the line. Names or ids.')
    .action(async (options: Parsed) => {
      const changes = options.changes ?? [];
      const found = await ask(options, await withIds(options, changes));
      const glyphs = glyphsFor(process.env, options.ascii === true);
      surroundings.writeOut(options.json === true ? jsonText(found) : whatIfText(found, glyphs));
      surroundings.setExitCode(found.breaks.length === 0 ? exitCodes.works : exitCodes.problem);
    });
}

function changeOption(
  option: string,
  form: string,
  description: string,
  read: (name: string, value: string) => ProposedChange,
): Option {
  return new ChangeOption(`${option} <${form}>`, description).argParser((text, before: readonly Typed[] | undefined) => {
    // The last one: a name may have others, and nothing that can stand behind it has any.
    const equals = text.lastIndexOf('=');
    const [name, value] = [text.slice(0, Math.max(0, equals)), text.slice(equals + 1)];
    if (name === '' || value === '') throw new InvalidArgumentError(`${quoteInput(text)} is not ${form}.`);
    return [...(before ?? []), { option, text, change: read(name, value) }];
  });
}

function readPrefix(text: string): string {
  const parsed = parsePrefix(text);
  if (parsed.ok) return formatPrefix(parsed.value);
  const { reason } = parsed;
  throw new InvalidArgumentError(`${reason}${reason.endsWith('?') ? '' : '.'} Give an IPv4 prefix such as 10.0.0.0/18.`);
}

function readWord<Word extends string>(what: string, words: readonly Word[], text: string): Word {
  const word = words.find((each) => each.toLowerCase() === text.toLowerCase());
  if (word !== undefined) return word;
  throw new InvalidArgumentError(`${quoteInput(text)} is no ${what}; allowed: ${words.join(', ')}.`);
}

/** Only the lists are read in which something is looked for. */
async function withIds(choice: ServerChoice, changes: readonly Typed[]): Promise<readonly Typed[]> {
  const isWanted = (field: string) => changes.some(({ change }) => field in change);
  const networks = isWanted('networkId') ? await listAll(choice, networkRoutes.list.path, named) : [];
  const groups = isWanted('userGroupId') ? await listAll(choice, userGroupRoutes.list.path, named) : [];
  return changes.map((typed) => {
    try {
      return { ...typed, change: withId(typed.change, networks, groups) };
    } catch (error) {
      throw ofChange(typed, error);
    }
  });
}

function withId(change: ProposedChange, networks: readonly Named[], groups: readonly Named[]): ProposedChange {
  switch (change.kind) {
    case 'add-prefix':
    case 'remove-prefix':
    case 'set-nat':
      return { ...change, networkId: findNamed('network', networks, change.networkId).id };
    case 'set-internet-access':
      return { ...change, userGroupId: findNamed('user group', groups, change.userGroupId).id };
    case 'add-network':
      return change;
  }
}

async function ask(choice: ServerChoice, changes: readonly Typed[]) {
  if (changes.length === 0) {
    throw new CliFailure(
      exitCodes.usage,
      'no change is given; allowed: --add-prefix, --remove-prefix, --nat, --internet, --add-network, as in causeway what-if --nat "HQ Network=routed"',
    );
  }
  const body = { changes: changes.map(({ change }) => change) };
  const { method, path } = whatIfRoutes.ask;
  try {
    return await callApi(choice, { method, path, body, refused: exitCodes.usage, silence_ms: compareSilence_ms }, whatIfAnswer);
  } catch (error) {
    // The API counts changes; whoever typed them knows them by their options.
    const number = error instanceof Error ? /changes\.(\d+)\./i.exec(error.message)?.[1] : undefined;
    const typed = number === undefined ? undefined : changes[Number(number)];
    throw typed === undefined ? error : ofChange(typed, error);
  }
}

function ofChange({ option, text }: Typed, error: unknown): unknown {
  if (!(error instanceof CliFailure) || error.exitCode !== exitCodes.usage) return error;
  return new CliFailure(exitCodes.usage, `${option} ${quoteInput(text)}: ${error.message}`, error);
}
