import type { ActivityEntry } from '../../../contract/api/activity.ts';
import { changesOf } from './changes.ts';

const columns = ['at', 'who', 'whoKind', 'from', 'entity', 'name', 'entityId', 'action', 'changes', 'requestId'] as const;

/** activityCsv is entries as CSV (RFC 4180). The heads are the API's words: programs read it too. */
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
  return [columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n');
}

/** A name that begins like a formula would be run by a spreadsheet; an apostrophe before it makes it text. */
function cell(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${text.replaceAll('"', '""')}"`;
}
