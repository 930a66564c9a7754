import type { KeptTrace } from '../contract/api/trace.ts';
import { findingText } from './finding-text.ts';
import type { Glyphs } from './glyphs.ts';
import { hopRows, hopTable } from './hop-table.ts';
import { stepsText } from './steps-text.ts';
import { printable } from './table.ts';
import { indented, textColumns, wrap } from './wrap.ts';

/**
 * traceText is a trace for people: the verdict in a sentence, a line for each machine there and back with the place where it ends marked,
 * then what is wrong and what mends it. `verbose` adds every step with its evidence.
 */
export function traceText(trace: KeptTrace, glyphs: Glyphs, verbose: boolean): string {
  const roots = trace.findings.filter(({ hiddenBy }) => hiddenBy === null);
  const hidden = trace.findings.filter(({ hiddenBy }) => hiddenBy !== null);
  return [
    headline(trace, glyphs),
    '\n',
    hopTable(hopRows(trace, glyphs), glyphs),
    ...remarksOf(trace).map((remark) => indented(`note: ${printable(remark)}`, 2)),
    ...roots.map(
      (finding) => `\n${findingText(finding, glyphs, { apply: `causeway doctor --fix ${finding.code} --trace ${trace.id}` })}`,
    ),
    hidden.length === 0 ? '' : '\n',
    ...hidden.map(({ code, title, hiddenBy }) => indented(`${code} follows from ${String(hiddenBy)}: ${printable(title)}`, 2)),
    verbose ? `\n${stepsText(trace, glyphs)}` : '',
    `\nAgain: causeway trace --again ${trace.id}\n`,
  ].join('');
}

function headline({ verdict, confidence, summary }: KeptTrace, glyphs: Glyphs): string {
  const marks = {
    works: glyphs.works,
    broken: glyphs.fails,
    'broken-return': glyphs.fails,
    'not-permitted': glyphs.fails,
    intermittent: glyphs.warns,
    unknown: glyphs.unknown,
  } as const satisfies Record<KeptTrace['verdict'], string>;
  const sure = confidence === 'assumed' ? ' (as far as is known)' : '';
  return wrap(`${marks[verdict]} ${verdict}${sure}: ${printable(summary)}`, textColumns - 2)
    .map((line, index) => `${index === 0 ? '' : '  '}${line}\n`)
    .join('');
}

function remarksOf({ remarks, probes }: KeptTrace): readonly string[] {
  return [
    ...remarks,
    ...probes.flatMap(({ connectorName, reason }) => (reason === null ? [] : [`${connectorName} could not be asked: ${reason}`])),
  ];
}
