import { z } from 'zod';
import { optionalQuery } from './fields.ts';
import { defineRoute } from './route.ts';

/**
 * ActivityEntry is one line of the page Activity: what somebody did (from the audit), or what came of itself (an event that is not there).
 */
export const activityEntry = z.object({
  /** Its own; the same at every reading. */
  key: z.string(),
  at: z.iso.datetime(),
  action: z.string(),
  entity: z.string(),
  entityId: z.string(),
  /** What the object is called now, or was called last; null where nobody knows. */
  name: z.string().nullable(),
  /** The network that it belongs to, for a link: of a connector or prefix. */
  networkId: z.string().nullable(),
  /** Null: nobody did it. */
  who: z
    .object({ kind: z.string(), id: z.string().nullable(), name: z.string(), sourceAddress: z.string().nullable() })
    .nullable(),
  requestId: z.string().nullable(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  /** What an event says besides; never of what somebody did. */
  payload: z.record(z.string(), z.unknown()).nullable(),
});
export type ActivityEntry = z.infer<typeof activityEntry>;

const exactly = optionalQuery().refine((text) => text === undefined || text.length <= 200, {
  error: 'is too long; allowed: at most 200 characters',
});

const instant = optionalQuery().pipe(z.iso.datetime({ offset: true }).optional());

export const activityQuery = z.object({
  /** The `next` of the page before; left out: the newest. */
  before: optionalQuery().pipe(
    z
      .string()
      .regex(/^\d{1,15}\.\d{1,15}$/, { error: 'is none of ours; allowed: what `next` of the page before says' })
      .optional(),
  ),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  entity: exactly,
  entityId: exactly,
  /** What happened to this network, and to the prefixes and connectors that it has. */
  networkId: optionalQuery().pipe(z.uuid({ error: 'is not the id of a network' }).optional()),
  /** The id of who did it, or a kind such as `local-root`; what came of itself is left out then. */
  who: exactly,
  from: instant,
  until: instant,
});
export type ActivityQuery = z.infer<typeof activityQuery>;

export const activityList = z.object({
  entries: z.array(activityEntry),
  /** What to pass as `before` next; null: these are the oldest. */
  next: z.string().nullable(),
});
export type ActivityList = z.infer<typeof activityList>;

export const activityRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/activity',
    summary: 'List what was done and what happened as one, newest first, with the names of what it is about',
    query: activityQuery,
    answer: activityList,
  }),
};
