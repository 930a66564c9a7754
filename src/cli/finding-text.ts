import type { FindingAnswer } from '../contract/api/trace.ts';
import type { Glyphs } from './glyphs.ts';
import { printable } from './table.ts';
import { cut, indented, textColumns } from './wrap.ts';

type Fix = FindingAnswer['fixes'][number];

/** findingText is what is wrong, why, and each way to mend it; commands stand alone on their lines, so that they can be pasted. */
export function findingText(finding: FindingAnswer, glyphs: Glyphs, options: { readonly apply: string }): string {
  const { code, severity, title, explanation, quote, fixes, tutorial } = finding;
  const marks = { error: glyphs.fails, warning: glyphs.warns, info: glyphs.unknown } as const;
  return [
    `${marks[severity]} ${severity}  ${[code, ...tutorial].map(printable).join('  ')}\n`,
    indented(printable(title), 2),
    '\n',
    indented(printable(explanation), 4),
    quote === null ? '' : `    it said: ${cut(printable(quote), textColumns - 13, glyphs.cut)}\n`,
    fixes.length === 0 ? '' : `\n  ${fixes.length === 1 ? 'Fix' : 'Fix, one of'}\n`,
    ...fixes.map((fix, index) => fixText(fix, fixes.length === 1 ? '' : `${String(index + 1)}  `, options.apply)),
  ].join('');
}

function fixText(fix: Fix, number: string, apply: string): string {
  const where = fix.commands.length === 0 || fix.where === '' ? '' : `, ${printable(fix.where)}`;
  const head = indented(`${number}${printable(fix.title)}${where}`, 2);
  return [
    head,
    fix.betterWhen === '' ? '' : indented(`better when: ${printable(fix.betterWhen)}`, 5),
    commands(fix.commands),
    ...fix.console.map((line) => indented(`by hand: ${printable(line)}`, 5)),
    fix.canApply === 'agent' ? labelled("or let the connector's agent do it", [apply]) : '',
    fix.risk === '' ? '' : indented(`risk: ${printable(fix.risk)}`, 5),
    labelled('undo', fix.undo),
    labelled('verify', fix.verify),
  ].join('');
}

function commands(lines: readonly string[]): string {
  // Not wrapped: half a command is another one.
  return lines.map((line) => `       ${printable(line)}\n`).join('');
}

function labelled(label: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `     ${label}:\n${commands(lines)}`;
}
