import type { KeptTrace } from '../contract/api/trace.ts';
import { explain, explainText } from '../core/trace/explain.ts';
import { printable } from './table.ts';

/** explanationText is a trace packet by packet. Names are the operator's words and details the machines': nothing of them reaches the terminal raw. */
export function explanationText(trace: Pick<KeptTrace, 'forward' | 'reverse'>): string {
  return explainText(explain(trace))
    .split('\n')
    .map((line) => printable(line))
    .join('\n');
}
