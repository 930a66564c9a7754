import { z } from 'zod';
import type { ActivityQuery } from '../../../contract/api/activity.ts';

const text = z.string().min(1).max(200).optional().catch(undefined);
const day = z.iso.date().optional().catch(undefined);

/** What the page of all activity shows; days are those of who looks, both included. `entry` is the one whose panel is open. */
export const activitySearch = z.object({ kind: text, who: text, object: text, from: day, until: day, entry: text });
export type ActivitySearch = z.infer<typeof activitySearch>;

/** queryOf is what the API is asked for a search. */
export function queryOf({ kind, who, object, from, until }: ActivitySearch): Partial<ActivityQuery> {
  return {
    entity: kind,
    who,
    entityId: object,
    from: from === undefined ? undefined : startOf(from).toISOString(),
    until: until === undefined ? undefined : startOf(until, 1).toISOString(),
  };
}

function startOf(date: string, daysLater = 0): Date {
  const [year = 0, month = 1, dayOfMonth = 1] = date.split('-').map(Number);
  return new Date(year, month - 1, dayOfMonth + daysLater);
}
