import type { ActivityEntry } from '../../../contract/api/activity.ts';

/** FieldChange is a field that is not what it was; null: it was not there, or is not any more. */
export type FieldChange = { readonly field: string; readonly before: string | null; readonly after: string | null };

/** changesOf gives the fields that differ, in the order in which the audit has them; what an event says stands as new. */
export function changesOf({ before, after, payload }: ActivityEntry): readonly FieldChange[] {
  const [old, now] = [before ?? {}, after ?? payload ?? {}];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .map((field) => ({ field, before: valueText(old[field]), after: valueText(now[field]) }))
    .filter((change) => change.before !== change.after);
}

/** valueText is a value as people read it; nothing and an empty text are no value. */
function valueText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
