import { housekeepingRoutes } from '../../../contract/api/housekeeping.ts';
import { asking } from '../../api/ask.ts';

/** The controller looks once a minute. */
const every_ms = 60_000;

/** housekeepingQuery is what the installation cannot mend by itself. */
export const housekeepingQuery = { ...asking(housekeepingRoutes.read), staleTime: every_ms, refetchInterval: every_ms };

/** What stops people, or will within a week. */
export function isUrgent({ code, level }: { readonly code: string; readonly level: string }): boolean {
  return level === 'ended' || level === '1 days' || ['disk-full', 'connector-shut-out', 'ca-expired'].includes(code);
}
