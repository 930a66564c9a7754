import type { ActivityEntry } from '../../../contract/api/activity.ts';
import { csvText } from '../../parts/csv.ts';
import { changesOf } from './changes.ts';

const columns = ['at', 'who', 'whoKind', 'from', 'entity', 'name', 'entityId', 'action', 'changes', 'requestId'] as const;

/** activityCsv is entries as CSV. The heads are the API's words: programs read it too. */
export function activityCsv(entries: readonly ActivityEntry[]): string {
  const rows = entries.map((entry) => [
    entry.at,
    entry.who?.name ?? '',
    entry.who?.kind ?? '',
    entry.who?.sourceAddress ?? '',
    entry.entity,
    entry.name ?? '',
    entry.entityId,
    entry.action,
    changesOf(entry)
      .map(({ field, before, after }) => `${field}: ${before ?? ''} -> ${after ?? ''}`)
      .join('\n'),
    entry.requestId ?? '',
  ]);
  return csvText([columns, ...rows]);
}
