/**
 * src/cli/nouns is every object of the API as `causeway NOUN VERB`. A noun's file is a table: routes of the contract, columns, names of
 * options. verb-*.ts make commands from it, fields.ts options from the contract's schemas, so that help, completion and API cannot differ.
 * Tests: `node --test 'src/cli/nouns/*.test.ts'`, most of them against the real controller.
 */
import type { Command } from 'commander';
import { Option } from 'commander';
import { dataOption, serverOption } from '../options/server.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';

/** What is parsed of a verb's options: those that all have, and its own by their names. */
export type Parsed = ServerChoice & { readonly json?: boolean; readonly yes?: boolean } & Readonly<Record<string, unknown>>;

/** Verb adds one command to its noun. */
export type Verb = (noun: Command, surroundings: Surroundings) => void;

export interface Noun {
  readonly word: string;
  readonly description: string;
  readonly verbs: readonly Verb[];
}

/** registerNoun adds `causeway WORD VERB` for each of its verbs. */
export function registerNoun(program: Command, surroundings: Surroundings, { word, description, verbs }: Noun): void {
  const noun = program.command(word).usage('VERB …').helpGroup('Objects:').description(description);
  for (const verb of verbs) verb(noun, surroundings);
}

/** verbCommand is a verb with what all have: which controller, and --json. */
export function verbCommand(noun: Command, name: string, description: string, options: readonly Option[] = []): Command {
  const command = noun.command(name).description(description);
  for (const option of options) command.addOption(option);
  return command.addOption(dataOption()).addOption(serverOption()).option('--json', 'print it for programs');
}

/** yesOption is --yes of verbs that cut something. */
export function yesOption(): Option {
  return new Option('--yes', 'do not ask');
}
