import type { Command } from 'commander';
import { bashLookUp } from './bash.ts';
import { fishLookUp } from './fish.ts';
import type { Expected } from './places.ts';
import { kindWord, places } from './places.ts';
import { zshLookUp } from './zsh.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** completionScript is what `source <(causeway completion SHELL)` reads. Everything in its table is from the program, never from a name. */
export function completionScript(program: Command, shell: Shell): string {
  const rows = [...places(program)].map(([place, expected]) => [place, textOf(expected)] as const);
  switch (shell) {
    case 'bash':
      return bashLookUp(caseTable(rows));
    case 'zsh':
      return zshLookUp(caseTable(rows));
    case 'fish':
      return fishLookUp(rows.map(([place, text]) => `    case ${quoted(place)}\n      echo ${quoted(text)}\n`).join(''));
  }
}

function caseTable(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([place, text]) => `    ${quoted(place)}) REPLY=${quoted(text)} ;;\n`).join('');
}

function textOf(expected: Expected): string {
  switch (expected.kind) {
    case 'words':
      return `words ${expected.words.join(' ')}`;
    case 'names':
      return `names ${kindWord(expected.of)}`;
    case 'files':
    case 'anything':
      return expected.kind;
  }
}

/** Words of the program are plain; a quote in one would end the text in each of these shells. */
function quoted(text: string): string {
  if (!/^[A-Za-z0-9 _./:+-]*$/.test(text)) throw new Error(`${JSON.stringify(text)} cannot stand in a completion script`);
  return `'${text}'`;
}
