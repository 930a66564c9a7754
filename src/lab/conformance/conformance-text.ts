import type { ConformanceResult, ConformanceRow, HealthyRow, PairRow } from '../../contract/cli/lab-conformance.ts';
import type { ConformanceFault } from './fault.ts';
import type { RoundRow } from './rounds.ts';

const widths = { name: 32, code: 20, where: 22, verdict: 14 } as const;

/** rowText is one round for people, in one line; what was not as it should be follows, a line each. */
export function rowText(each: RoundRow): string {
  return [lineOf(each), ...each.row.problems.map((line) => `           ${line}`)].join('\n');
}

function lineOf(each: RoundRow): string {
  switch (each.kind) {
    case 'fault':
      return answerLine(each.row.fault, each.row, fixText(each.row));
    case 'pair':
      return answerLine(each.row.pair, each.row, each.row.mended ? 'both mended' : '');
    case 'healthy':
      return healthyLine(each.row);
  }
}

/** What faults and pairs have in common: the answer of the product. */
type Answer = Pick<ConformanceRow & PairRow, 'broken' | 'found' | 'hop' | 'direction' | 'verdict' | 'tookMs' | 'passed'>;

function answerLine(name: string, answer: Answer, end: string): string {
  const { broken, found, hop, direction, verdict, tookMs } = answer;
  const columns = [
    beginning(name, answer),
    (found ?? (broken === null ? 'not injected' : 'nothing found')).padEnd(widths.code),
    [hop, direction]
      .filter((word) => word !== null)
      .join(' ')
      .padEnd(widths.where),
    (verdict ?? '').padEnd(widths.verdict),
    (tookMs === null ? '' : `${(tookMs / 1000).toFixed(1)} s`).padStart(6),
    end,
  ];
  return columns.join('  ').trimEnd();
}

function healthyLine(row: HealthyRow): string {
  const found = row.found.length === 0 ? 'nothing found' : row.found.join(', ');
  return `${beginning(row.variant, row)}  ${found.padEnd(widths.code)}  ${row.verdict ?? ''}`.trimEnd();
}

function beginning(name: string, { passed }: { readonly passed: boolean }): string {
  return `${passed ? '✓' : '✕ failed'} ${name.padEnd(widths.name)}`;
}

export function conformanceSummary({ passed, faults, pairs, healthy, notInjectable }: ConformanceResult): string {
  const reasons = Object.entries(notInjectable).map(([code, reason]) => `  ${code.padEnd(widths.code)}  ${reason}`);
  const of = (rows: readonly { readonly passed: boolean }[]) => `${rows.filter((row) => row.passed).length} of ${rows.length}`;
  return [
    'cannot be injected here:',
    ...reasons,
    `${passed ? 'passed' : 'failed'}: ${of(faults)} faults named and mended, ${of(pairs)} pairs named, ${of(healthy)} healthy set-ups quiet.`,
  ].join('\n');
}

/** faultList is what `lab list` shows of the pack. */
export function faultList(faults: ReadonlyMap<string, ConformanceFault>): string {
  return [...faults].map(([name, { summary }]) => `  --fault ${name}  ${summary}`).join('\n');
}

function fixText({ fix, verified }: ConformanceRow): string {
  switch (fix?.kind) {
    case undefined:
      return '';
    case 'by-hand':
      return 'fixed by hand';
    case 'failed':
      return 'its fix failed';
    case 'done':
      return verified ? 'fixed and verified' : 'fixed, not verified';
  }
}
