import type { z } from 'zod';
import type { changeEffect } from '../contract/api/what-if.ts';
import type { Glyphs } from './glyphs.ts';
import { pad, printable, width } from './table.ts';
import { cut, indented, textColumns, wrap } from './wrap.ts';

type Effect = z.output<typeof changeEffect>;
type Pair = Effect['breaks'][number];

/** Of each kind; more than these nobody reads, and --json has them. */
const listed = 20;

/** whatIfText is a change for people: how many flows it breaks and opens, then which, the broken ones first. */
export function whatIfText(effect: Effect, glyphs: Glyphs): string {
  const { breaks, opens, others, checked, revision, summary } = effect;
  const mark = breaks.length > 0 ? glyphs.fails : checked === 0 ? glyphs.unknown : glyphs.works;
  return [
    `${mark} ${printable(summary)}\n`,
    section(count(breaks, 'breaks', 'break'), breaks, glyphs.fails, glyphs),
    section(count(opens, 'opens', 'open'), opens, glyphs.works, glyphs),
    section(count(others, 'changes otherwise', 'change otherwise'), others, glyphs.warns, glyphs),
    '\n',
    indented(
      checked === 0
        ? 'Nothing was checked: no user group has a device whose user may connect.'
        : `Checked: ${String(checked)} flows of user groups, at revision ${String(revision)}. Nothing was changed.`,
      0,
    ),
  ].join('');
}

function count({ length }: readonly Pair[], one: string, several: string): string {
  return length === 1 ? `1 flow ${one}` : `${String(length)} flows ${several}`;
}

function section(title: string, pairs: readonly Pair[], mark: string, glyphs: Glyphs): string {
  if (pairs.length === 0) return '';
  const rest = pairs.length - listed;
  const more = rest > 0 ? `  and ${String(rest)} more; --json has all\n` : '';
  return `\n${title}:\n${pairTable(pairs.slice(0, listed), mark, glyphs)}${more}`;
}

/** Wider names leave no room for what the group wants to reach. */
const widestGroup = 24;

/** Aligned within the width of a text; what is to be reached goes on below itself where it is longer. */
function pairTable(pairs: readonly Pair[], mark: string, glyphs: Glyphs): string {
  const rows = pairs.map((pair) => ({
    group: cut(printable(pair.userGroupName), widestGroup, glyphs.cut),
    service: serviceOf(pair, glyphs),
    verdicts: `${pair.before ?? 'did not work'} ${glyphs.there} ${pair.after}`,
  }));
  const widest = (texts: readonly string[]) => Math.max(...texts.map(width));
  const group = widest(rows.map((row) => row.group));
  const verdicts = widest(rows.map((row) => row.verdicts));
  const start = width(`  ${mark} ${' '.repeat(group)} ${glyphs.there} `);
  const lines = rows.map((row) => ({ ...row, service: wrap(row.service, textColumns - start - verdicts - 2) }));
  const service = widest(lines.flatMap((row) => row.service));
  return lines
    .map((row) => {
      const [first = '', ...more] = row.service;
      const head = `  ${mark} ${pad(row.group, group)} ${glyphs.there} ${pad(first, service)}  ${row.verdicts}\n`;
      return `${head}${more.map((line) => `${' '.repeat(start)}${line}\n`).join('')}`;
    })
    .join('');
}

/** Names may have 2,000 characters. Where a network's prefix is cut off with them, the address still tells it from others. */
const widestLabel = 80;

function serviceOf({ destination, address, protocol, port }: Pair, glyphs: Glyphs): string {
  const where = `${printable(address)}, ${protocol.toUpperCase()}${port === null ? '' : ` ${String(port)}`}`;
  return `${cut(printable(destination.label), widestLabel, glyphs.cut)}: ${where}`;
}
