import type { FindingAnswer, FindingsAnswer } from '../../../contract/api/trace.ts';
import { traceRoutes } from '../../../contract/api/trace.ts';
import { asking } from '../../api/ask.ts';

/** The controller checks every flow that is configured for this, so it is asked for once a minute and not with every page. */
const every_ms = 60_000;

export const findingsQuery = { ...asking(traceRoutes.findings), staleTime: every_ms, refetchInterval: every_ms };

const order = { error: 0, warning: 1, info: 2 } as const;

/** openProblems are the findings that want something done, the worst first. One that another explains is shown with that one. */
export function openProblems({ findings }: FindingsAnswer): readonly FindingAnswer[] {
  return findings
    .filter(({ severity, hiddenBy }) => severity !== 'info' && hiddenBy === null)
    .toSorted((a, b) => order[a.severity] - order[b.severity]);
}
