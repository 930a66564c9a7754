import type { AppliedFix, FindingAnswer } from '../contract/api/trace.ts';
import { findingText } from './finding-text.ts';
import type { Glyphs } from './glyphs.ts';
import { printable } from './table.ts';
import { indented } from './wrap.ts';

/** doctorText is what is wrong, the worst first; root causes in full, what follows from them in a line. */
export function doctorText(findings: readonly FindingAnswer[], glyphs: Glyphs): string {
  const roots = findings.filter(({ hiddenBy }) => hiddenBy === null);
  const hidden = findings.filter(({ hiddenBy }) => hiddenBy !== null);
  return [
    headline(findings, glyphs),
    ...roots.map((finding) => `\n${findingText(finding, glyphs, { apply: `causeway doctor --fix ${finding.code}` })}`),
    hidden.length === 0 ? '' : '\n',
    ...hidden.map(({ code, title, hiddenBy }) => indented(`${code} follows from ${String(hiddenBy)}: ${printable(title)}`, 2)),
  ].join('');
}

function headline(findings: readonly FindingAnswer[], glyphs: Glyphs): string {
  const count = (wanted: FindingAnswer['severity']) => findings.filter(({ severity }) => severity === wanted).length;
  const words = (['error', 'warning', 'info'] as const)
    .filter((severity) => count(severity) > 0)
    .map((severity) => `${String(count(severity))} ${severity}${count(severity) === 1 || severity === 'info' ? '' : 's'}`);
  if (words.length === 0) return `${glyphs.works} nothing is wrong with what is configured and reported\n`;
  const mark = count('error') > 0 ? glyphs.fails : count('warning') > 0 ? glyphs.warns : glyphs.unknown;
  return `${mark} ${words.join(', ')}\n`;
}

/** appliedText is what an agent did, and whether it helped. */
export function appliedText(applied: AppliedFix, glyphs: Glyphs): string {
  const { connectorName, code, title, done, words, remains, undo } = applied;
  const name = printable(connectorName);
  const helped = {
    true: `${glyphs.fails} ${code} is still found on ${name}`,
    false: `${glyphs.works} ${code} is not found on ${name} any more`,
    null: `${glyphs.unknown} ${name} has not reported since, so it is not known whether ${code} is gone`,
  } as const;
  const undone = undo.map((line) => `       ${printable(line)}\n`).join('');
  return [
    `${done ? glyphs.works : glyphs.fails} ${name}: ${printable(title)}: ${done ? 'done' : 'not done'}, ${printable(words)}\n`,
    `${helped[`${remains}`]}\n`,
    applied.trace === null ? '' : indented(`the flow again: ${applied.trace.verdict}: ${printable(applied.trace.summary)}`, 2),
    undone === '' ? '' : `     undo:\n${undone}`,
  ].join('');
}
