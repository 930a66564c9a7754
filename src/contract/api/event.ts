import { z } from 'zod';
import { defineRoute } from './route.ts';

/** Event is one thing that happened: a change of the model, or what gateways and connectors reported. No secret is ever in it. */
export const event = z.object({
  /** Without gaps, in the order of commits; after a restore it goes on far above what was given out before (docs/backup.md). */
  seq: z.int(),
  /** Of the model when it happened. */
  revision: z.int(),
  /** `ENTITY.ACTION`, such as `network.created`. */
  topic: z.string(),
  entity: z.string(),
  entityId: z.string(),
  payload: z.record(z.string(), z.unknown()),
  at: z.iso.datetime(),
});
export type Event = z.infer<typeof event>;

const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const eventQuery = z.object({
  /** Only events after this number; 0 gives the oldest that are kept. */
  since: seq.default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/**
 * `lastSeq` is what to pass as `since` next. `missed` is how many events after `since` are not kept any more: a program that has to have them all
 * reads anew what it follows. 0 where `since` is 0, which asks for what is kept.
 */
export const eventList = z.object({ events: z.array(event), lastSeq: z.int(), missed: z.int() });
export type EventList = z.infer<typeof eventList>;

export const eventRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/events',
    summary: 'List what happened, in the order of commits, as far back as events are kept (setting retention)',
    query: eventQuery,
    answer: eventList,
  }),
};

/**
 * The same events as they come, as text/event-stream. Each has its `seq` as `id` and an Event as data; a reader that comes back with
 * `Last-Event-ID` gets what it has missed. The first thing is `position` with the place (`{seq}`) from which the stream goes on. `reset` says that
 * events after the reader's place are not kept any more (or were never ours): what it knows has to be read anew, and what follows the
 * `seq` of the reset comes by the stream. `heartbeat` (`{}`) comes every `eventHeartbeat_ms`, whatever else comes: who hears none for much longer has
 * lost the stream, although nobody has closed it.
 */
export const eventStreamPath = '/api/causeway/v1/events/stream';

/** Below what proxies and firewalls take for silence. */
export const eventHeartbeat_ms = 15_000;

/** `since` is the place of a first connection; without it the stream begins with what happens next. Last-Event-ID goes before. */
export const eventStreamQuery = z.object({ since: seq.optional() });
