import type { Verdict } from '../../../core/trace/words.ts';
import type { ShownState } from '../../parts/state-mark.tsx';

/** How each verdict is marked; the word beside it is its own. */
export const shownVerdict = {
  works: 'up',
  broken: 'down',
  'broken-return': 'down',
  'not-permitted': 'degraded',
  intermittent: 'degraded',
  unknown: 'unknown',
} as const satisfies Record<Verdict, ShownState>;
