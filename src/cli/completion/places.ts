/**
 * src/cli/completion makes the scripts that complete command lines, from the program's own commands: a table of what may stand where, and
 * for each shell the few lines that look it up. Tests: `node --test src/cli/completion/`.
 */
import type { Argument, Command, Option } from 'commander';
import { regionIds } from '../../core/region-ids.ts';
import type { ThingKind } from '../nouns/thing.ts';
import { ThingArgument, ThingOption } from '../nouns/thing-words.ts';

/** What may stand at a place: one of these words, a name that is asked of the controller, a file, or something nobody can guess. */
export type Expected =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'names'; readonly of: ThingKind | 'login' }
  | { readonly kind: 'files' }
  | { readonly kind: 'anything' };

/**
 * places says what may stand where: `network set` has its options, `network set --nat` what may follow that, `network set 0` its first
 * argument, `network add-subnet 1+` all from the second on.
 */
export function places(program: Command): ReadonlyMap<string, Expected> {
  return new Map(placesOf(program, ''));
}

function placesOf(command: Command, path: string): (readonly [string, Expected])[] {
  const visible = command.createHelp().visibleCommands(command);
  const options = command.createHelp().visibleOptions(command);
  const join = (word: string): string => (path === '' ? word : `${path} ${word}`);
  const words = [...visible.map((sub) => sub.name()), ...options.flatMap(({ long }) => (isName(long) ? [long] : []))];
  return [
    [path, { kind: 'words', words }],
    ...options.flatMap((option): (readonly [string, Expected])[] =>
      option.required && isName(option.long) ? [[join(option.long), ofOption(option)]] : [],
    ),
    ...command.registeredArguments.flatMap((argument, index): (readonly [string, Expected])[] =>
      visible.length > 0 ? [] : [[join(`${String(index)}${argument.variadic ? '+' : ''}`), ofArgument(argument)]],
    ),
    ...visible.filter((sub) => sub.name() !== 'help').flatMap((sub) => placesOf(sub, join(sub.name()))),
  ];
}

/** Commander's types say null as well. */
function isName(long: string | null | undefined): long is string {
  return typeof long === 'string';
}

function ofOption(option: Option): Expected {
  if (option instanceof ThingOption) return { kind: 'names', of: option.kind };
  if (option.argChoices !== undefined) return { kind: 'words', words: option.argChoices };
  if (option.long === '--server') return { kind: 'names', of: 'login' };
  return ofForm(option.flags);
}

function ofArgument(argument: Argument): Expected {
  if (argument instanceof ThingArgument) return { kind: 'names', of: argument.kind };
  if (argument.argChoices !== undefined) return { kind: 'words', words: argument.argChoices };
  return ofForm(argument.name());
}

/** What the help calls it says what it is. */
function ofForm(form: string): Expected {
  if (/\bREGION\b|^--region /.test(form)) return { kind: 'words', words: regionIds };
  if (/\b(?:FILE|DIR)\b/.test(form)) return { kind: 'files' };
  if (/\bNETWORK\b(?!=)/.test(form)) return { kind: 'names', of: 'network' };
  return { kind: 'anything' };
}

/** kindWord is a kind as one word, for the scripts. */
export function kindWord(kind: ThingKind | 'login'): string {
  return kind.toLowerCase().replaceAll(' ', '-');
}
