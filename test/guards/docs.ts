import { posix } from 'node:path';
import type { Command } from 'commander';
import { CommanderError } from 'commander';
import type { Source } from './import-matrix.ts';

/** brokenLinks lists relative links, and links to headings, that lead nowhere. `pages` are all Markdown files, `exists` knows every file. */
export function brokenLinks(pages: readonly Source[], exists: (path: string) => boolean): string[] {
  const headings = new Map(pages.map(({ path, text }) => [path, headingAnchors(text)]));
  return pages.flatMap(({ path, text }) =>
    [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      if (/^(?:https?|mailto):/.test(link)) return [];
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : posix.join(posix.dirname(path), file);
      if (file.startsWith('/') || !exists(target)) return [`${path} links to ${link}, which does not exist`];
      if (anchor === undefined || !target.endsWith('.md')) return [];
      if (headings.get(target)?.has(anchor) === true) return [];
      return [`${path} links to ${link}, but ${target} has no heading #${anchor}`];
    }),
  );
}

/** missingPaths lists paths of the repository that stand in backticks and do not exist. What holds a placeholder is not looked at. */
export function missingPaths(pages: readonly Source[], exists: (path: string) => boolean): string[] {
  return pages.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:src|test|bench|docs)\/[\w./-]*\w)\/?`/g)].flatMap(([, named = '']) =>
      exists(named) || named.includes('NNNN') ? [] : [`${path} names ${named}, which does not exist`],
    ),
  );
}

/**
 * refusedCommands lists the `causeway …` in code that the program's own parser refuses: commands, options and values that it does not have,
 * words too many, and in blocks of commands (`sh`) what is missing. Words in capitals stand for something, and what has brackets, bars or
 * dots for several lines; of those only command and options are looked at. `launcherOnly` are commands that never reach the program.
 */
export function refusedCommands(pages: readonly Source[], makeProgram: () => Command, launcherOnly: readonly string[]): string[] {
  return pages.flatMap(({ path, text }) =>
    codeOf(text).flatMap(({ code, isScript }) =>
      commandLines(code).flatMap(({ words, shown }) => {
        if (launcherOnly.includes(words[0] ?? '')) return [];
        const problem = problemOf(words, makeProgram, isScript);
        return problem === undefined ? [] : [`${path} shows "${shown}", but ${problem}`];
      }),
    ),
  );
}

type Line = { readonly words: readonly string[]; readonly shown: string };

/** Every use of the program in a piece of code, split into words as a shell does it. */
function commandLines(code: string): Line[] {
  return [...code.matchAll(/(?<![\w/-])(?:\.\/|\/opt\/causeway\/)?causeway(?= [a-z-])/g)].map((found) => {
    const words: string[] = [];
    const rest = code.slice(found.index + found[0].length);
    // Ends at the first sign that is neither quoted nor part of a word.
    const line = /^(?:"[^"\n]*"|'[^'\n]*'|[^\n`|>&;"'()<#]|\|(?=[a-z])|(?<=\S)#)*/.exec(rest)?.[0] ?? '';
    for (const [word] of line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) words.push(word.replaceAll(/["']/g, ''));
    return { words, shown: `causeway${line}`.trimEnd() };
  });
}

function problemOf(words: readonly string[], makeProgram: () => Command, isScript: boolean): string | undefined {
  const program = makeProgram();
  const command = commandOf(program, words);
  if (command === program && !/^(?:help|-.*)$/.test(words[0] ?? '')) return 'that is no command';
  const known = command.options.map((option) => option.long);
  const strange = words
    .map((word) => /^(--[a-z][a-z-]*)/.exec(word)?.[1])
    .find((each) => each !== undefined && each !== '--help' && !known.includes(each));
  if (strange !== undefined && command !== program) return `${command.name()} has no option ${strange}`;
  if (words.some((word) => /[[\]|…]|\.\.\./.test(word))) return undefined;
  const silent = withoutActions(program);
  try {
    silent.parse(withValues(words, command), { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // What a noun alone shows is its help, and a sentence need not name everything that a command takes.
    const isMissing = /missing|commander\.help/i.test(error.code);
    return error.exitCode === 0 || (isMissing && !isScript) ? undefined : error.message;
  }
}

/** Reading a command line must not run it. */
function withoutActions(command: Command): Command {
  for (const sub of command.commands) withoutActions(sub);
  // A noun has no action of its own: it shows its help, or refuses the verb. A command that has both (backup) takes an argument itself.
  const acts = command.commands.length === 0 || (command.parent !== null && command.registeredArguments.length > 0);
  if (acts) command.action(() => undefined);
  return command;
}

/** Puts a value where a word in capitals stands for one of a choice, and leaves out options whose value is such a word. */
function withValues(words: readonly string[], command: Command): string[] {
  const isPlaceholder = (word: string | undefined): boolean => /^[A-Z][A-Z_:=-]*$/.test(word ?? '');
  const values: string[] = [];
  let position = -1;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const option = command.options.find(({ long }) => long === word);
    if (
      option !== undefined &&
      !option.isBoolean() &&
      isPlaceholder(words[at + 1]) &&
      option.argChoices?.includes(words[at + 1] ?? '') !== true
    ) {
      at += 1;
      if (option.mandatory) values.push(word, words[at] ?? '');
      continue;
    }
    if (!word.startsWith('-') && at >= depthOf(command)) position += 1;
    const choices = command.registeredArguments[position]?.argChoices;
    values.push(isPlaceholder(word) && choices !== undefined ? (choices[0] ?? word) : word);
  }
  return values;
}

function depthOf(command: Command): number {
  return command.parent === null ? 0 : 1 + depthOf(command.parent);
}

/** DocumentedOption is one row of a table of options: its names, its variables, and the text of its default. */
export type DocumentedOption = {
  readonly options: readonly string[];
  readonly variables: readonly string[];
  readonly default: string;
};

/** optionTable reads the first table below a heading, with the columns option, variable and default. */
export function optionTable(text: string, heading: string): DocumentedOption[] {
  const section = text.split(`\n${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Option'))
    .map((line) => {
      const [, option = '', variable = '', byDefault = ''] = line.split('|');
      return {
        options: [...option.matchAll(/`(--[a-z-]+)/g)].map(([, name = '']) => name),
        variables: [...variable.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name),
        default: byDefault.trim(),
      };
    });
}

function commandOf(program: Command, words: readonly string[]): Command {
  let at = program;
  for (const word of words) {
    const next = at.commands.find((command) => command.name() === word);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

/** headingAnchors are the names by which headings are linked to, as the common forges make them. */
function headingAnchors(text: string): ReadonlySet<string> {
  return new Set(
    [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}

function codeOf(text: string): { readonly code: string; readonly isScript: boolean }[] {
  const blocks = [...text.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({
    code: code.replaceAll('\\\n', ' '),
    isScript: language === 'sh',
  }));
  return [...blocks, ...[...withoutCode(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => ({ code, isScript: false }))];
}
