import type { CloudCommands, NetworkCloud } from '../contract/api/cloud-state.ts';
import { platformOf } from '../core/platforms/catalogue.ts';
import { shellWord } from '../core/shell-word.ts';
import { printable, table } from './table.ts';
import { indented } from './wrap.ts';

/** cloudText says what is known of a network's cloud, for people. */
export function cloudText({ networkName, known, standsIn, warnings }: NetworkCloud): string {
  const name = printable(networkName);
  if (known === null) {
    const cloud = standsIn === null ? '' : ` It stands in ${platformOf(standsIn).name}.`;
    const option = standsIn === null ? ' --cloud CLOUD' : '';
    const command = `causeway cloud commands ${shellWord(name)}${option}`;
    return `The cloud of ${name} has not been read.${cloud}\nWhat reads it: ${command}\n`;
  }
  const of = (count: number | null, inside: number | null, what: string) =>
    count === null ? 'not read' : `${String(count)}, with ${String(inside ?? 0)} ${what}`;
  const rows = [
    ['network', printable(known.label.includes(known.id) ? known.label : `${known.label} (${known.id})`)],
    ['read', `${known.readAt}, ${known.how === 'api' ? 'by the controller' : 'with the answers that an operator brought'}`],
    ['ranges', known.ranges === null ? 'not read' : printable(known.ranges.join(', '))],
    ['network cards', String(known.cards)],
    ['subnets', String(known.subnets)],
    ['route tables', of(known.tables, known.routes, 'routes')],
    ['filters', of(known.filters, known.rules, 'rules')],
  ];
  return [
    `${name} in ${platformOf(known.cloud).name}:\n`,
    table(rows),
    ...warnings.map((warning) => indented(`warning: ${printable(warning)}`, 2)),
  ].join('');
}

/** commandsRemarks is what has to be read beside the script; it goes to stderr, so that stdout can be pasted. */
export function cloudCommandsRemarks({ networkName, permissions, missing, notes, file }: CloudCommands): string {
  const lines = [
    ...missing.map(({ word, description }) => `put ${description} in place of ${word}`),
    ...notes,
    `It takes these permissions and no more: ${permissions.join(', ')}.`,
    `Then: causeway cloud load ${shellWord(networkName)} ${file}`,
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
