import { z } from 'zod';
import type { RegisterRoutes } from '../deps.ts';
import { eventsSince } from './events.ts';

const query = z.object({
  /** Only events after this number; 0 gives the oldest that are kept. */
  since: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const answer = z.object({
  events: z.array(
    z.object({
      seq: z.int(),
      revision: z.int(),
      topic: z.string(),
      entity: z.string(),
      entityId: z.string(),
      payload: z.record(z.string(), z.unknown()),
      at: z.iso.datetime(),
    }),
  ),
  /** What to pass as `since` next. */
  lastSeq: z.int(),
});

/** registerEvents: what happened, in the order in which it was committed. */
export const registerEvents: RegisterRoutes = (app, deps) => {
  app.get(
    '/events',
    { config: { auth: { kind: 'api', permission: 'event:read' } }, schema: { querystring: query, response: { 200: answer } } },
    async (request) => {
      const { since, limit } = request.query;
      const rows = await eventsSince(deps.store.database, since, limit);
      return {
        events: rows.map((row) => ({
          seq: row.seq,
          revision: row.revision,
          topic: row.topic,
          entity: row.entity,
          entityId: row.entity_id,
          payload: row.payload,
          at: row.at.toISOString(),
        })),
        lastSeq: rows.at(-1)?.seq ?? since,
      };
    },
  );
};
