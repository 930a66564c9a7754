import { posix } from 'node:path';
import type { Command } from 'commander';
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
 * unknownCommands lists `causeway WORD …` in code that is no command of the program, and options that the command does not have.
 * `launcherOnly` are commands that never reach the program.
 */
export function unknownCommands(pages: readonly Source[], program: Command, launcherOnly: readonly string[]): string[] {
  return pages.flatMap(({ path, text }) =>
    codeOf(text).flatMap((code) =>
      [...code.matchAll(/(?<![\w/-])(?:\.\/|\/opt\/causeway\/)?causeway ([a-z][a-z-]*[^\n`|>#&;"']*)/g)].flatMap(
        ([, rest = '']) => {
          const words = rest.trim().split(/\s+/);
          if (launcherOnly.includes(words[0] ?? '')) return [];
          const command = commandOf(program, words);
          if (command === program)
            return words[0] === 'help' ? [] : [`${path} shows "causeway ${rest.trim()}", which is no command`];
          const known = command.options.map((option) => option.long);
          return words.flatMap((word) => {
            const option = /^(--[a-z][a-z-]*)/.exec(word)?.[1];
            return option === undefined || option === '--help' || known.includes(option)
              ? []
              : [`${path} shows "causeway ${rest.trim()}", but ${command.name()} has no option ${option}`];
          });
        },
      ),
    ),
  );
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

function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```\w*[^\n]*\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code.replaceAll('\\\n', ' '));
  return [...blocks, ...[...withoutCode(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)];
}
