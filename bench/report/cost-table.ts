/** The table of docs/changes.md: what was lost by each kind of endpoint for each kind of change, as Markdown between two marks. */
import type { FlowLoss } from '../../src/lab/answers.ts';

/** CostRow is one change with what each column's flow met, or the reason why it was not measured. */
export type CostRow<Column extends string> = { readonly change: string } & (
  | { readonly cells: Readonly<Record<Column, FlowLoss>> }
  | { readonly notMeasured: string }
);

/** costTable gives Markdown; `columns` are the keys of the cells with their headings. */
export function costTable<Column extends string>(
  columns: Readonly<Record<Column, string>>,
  rows: readonly CostRow<Column>[],
): string {
  const keys = Object.keys(columns) as Column[];
  const lines = rows.map((row) => {
    if ('notMeasured' in row) return [row.change, `not measured: ${escaped(row.notMeasured)}`, ...keys.slice(1).map(() => '')];
    return [row.change, ...keys.map((key) => cellText(row.cells[key]))];
  });
  return [['Change', ...keys.map((key) => columns[key])], ['---', ...keys.map(() => '---')], ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** "0 (8 ms)": lost packets, and the longest time without an answer. */
export function cellText({ lost, longestGapMs, back }: FlowLoss): string {
  if (!back) return `**${lost}** (not back after ${(longestGapMs / 1000).toFixed(0)} s)`;
  const gap = longestGapMs < 1000 ? `${longestGapMs} ms` : `${(longestGapMs / 1000).toFixed(1)} s`;
  return lost === 0 ? `0 (${gap})` : `**${lost}** (${gap})`;
}

const begin = (name: string) => `<!-- ${name}: written by bench -->`;
const end = (name: string) => `<!-- end of ${name} -->`;

/** withTable puts a table between the two marks of its name. Throws when the text does not have them. */
export function withTable(text: string, name: string, table: string): string {
  const from = text.indexOf(begin(name));
  const to = text.indexOf(end(name));
  if (from === -1 || to < from) throw new Error(`the text has no lines "${begin(name)}" and "${end(name)}" in this order`);
  return `${text.slice(0, from)}${begin(name)}\n\n${table}\n\n${text.slice(to)}`;
}

/** Of what a failed row says only its first line fits a table. */
function escaped(text: string): string {
  return (text.split('\n')[0] ?? '').replaceAll('|', '\\|').slice(0, 160);
}
