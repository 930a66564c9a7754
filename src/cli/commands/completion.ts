import type { Command } from 'commander';
import { Argument } from 'commander';
import { kindWord } from '../completion/places.ts';
import type { Shell } from '../completion/script.ts';
import { completionScript, shells } from '../completion/script.ts';
import { fullName } from '../find-named.ts';
import type { ThingKind } from '../nouns/thing.ts';
import { listThings, thingKinds } from '../nouns/thing.ts';
import { dataOption, serverOption } from '../options/server.ts';
import { loginNames } from '../server/logins.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../table.ts';

/** Who pressed Tab waits no longer; without an answer nothing is offered. */
const patience_ms = 2_000;

/** More than these nobody reads. */
const most = 500;

const kinds = [...thingKinds, 'login'] as const;

/** registerCompletion adds `causeway completion SHELL`, and the hidden command by which its scripts ask for names. */
export function registerCompletion(program: Command, surroundings: Surroundings): void {
  program
    .command('completion')
    .description('print what completes command lines in a shell: source <(causeway completion bash)')
    .addArgument(new Argument('<SHELL>', 'of which shell').choices(shells))
    .action((shell: Shell) => surroundings.writeOut(completionScript(program, shell)));
  program
    .command('complete-names', { hidden: true })
    .addArgument(new Argument('<KIND>').choices(kinds.map(kindWord)))
    .addOption(dataOption())
    .addOption(serverOption())
    .action(async (word: string, choice: ServerChoice) => {
      const kind = kinds.find((each) => kindWord(each) === word);
      const names = kind === undefined ? [] : await withinPatience(kind === 'login' ? loginNames() : namesToType(choice, kind));
      surroundings.writeOut(names.map((name) => `${name}\n`).join(''));
    });
}

/** One line each; what cannot be typed, or would not be a line, is left out. */
async function namesToType(choice: ServerChoice, kind: ThingKind): Promise<string[]> {
  const things = await listThings(choice, kind);
  const count = Map.groupBy(things, ({ name }) => name);
  const names = things.map((thing) => (count.get(thing.name)?.length === 1 ? thing.name : fullName(thing)));
  return names.filter((name) => printable(name) === name).slice(0, most);
}

async function withinPatience(names: Promise<string[]>): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([]), patience_ms);
  });
  try {
    // A controller that is not there, or refuses, offers nothing: a message would be written into the line that is being typed.
    return await Promise.race([names.catch(() => []), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
