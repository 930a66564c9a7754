import type { FastifyRequest } from 'fastify';
import { eventRoutes, eventStreamPath, eventStreamQuery } from '../../contract/api/event.ts';
import type { RegisterRoutes } from '../deps.ts';
import { beginEventStream } from '../http/event-stream.ts';
import { allowed, serve } from '../routes/serve.ts';
import { EventFeed } from './event-feed.ts';
import { eventsSince, lastEvent, shownEvent } from './events.ts';
import { holderOf, streamPermission } from './stream-holder.ts';

/** registerEvents: what happened, in the order in which it was committed; as a list, and as a stream that ends when the application closes. */
export const registerEvents: RegisterRoutes = (app, deps) => {
  serve(app, eventRoutes.list, allowed(streamPermission), async ({ query: { since, limit } }) => {
    const { database } = deps.store;
    // Before the events: what comes in between is not to be passed over.
    const head = await lastEvent(database);
    const events = (await eventsSince(database, since, limit)).map(shownEvent);
    const lastSeq = events.at(-1)?.seq ?? (since === 0 ? 0 : Math.max(since, head));
    // Numbers have no gaps, so what lacks in between was there.
    return { events, lastSeq, missed: since === 0 ? 0 : Math.max(0, lastSeq - since - events.length) };
  });

  const feed = new EventFeed({
    store: deps.store,
    wakeUp: deps.wakeUp,
    onTrouble: (error) => deps.log.warn({ err: error }, 'reading events for the open streams failed; it is tried again'),
  });
  deps.metrics.live('causeway_event_streams', () => [[{}, feed.size]]);
  app.addHook('preClose', async () => await feed.close());
  app.get(
    eventStreamPath.slice(app.prefix.length),
    {
      config: { auth: allowed(streamPermission) },
      schema: { summary: 'Follow what happens, as text/event-stream; Last-Event-ID resumes', querystring: eventStreamQuery },
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const holder = holderOf(request);
      feed.admit(holder);
      const from = lastEventId(request) ?? request.query.since;
      feed.open(beginEventStream(reply), holder, from);
      return reply;
    },
  );
};

/** What was never given out is a place that nobody has, so that its reader is told to read everything anew. */
function lastEventId(request: FastifyRequest): number | undefined {
  const held = request.headers['last-event-id'];
  if (held === undefined || held === '') return undefined;
  const seq = typeof held === 'string' && /^\d{1,15}$/.test(held) ? Number(held) : Number.NaN;
  return Number.isNaN(seq) ? Number.MAX_SAFE_INTEGER : seq;
}
