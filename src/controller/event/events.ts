/**
 * src/controller/event reads what happened, in the order in which it was committed. Events are written by store/model-transaction.ts.
 * Tests: `node --test 'src/controller/event/*.test.ts'`.
 */
import type { Event } from '../../contract/api/event.ts';
import type { Reader } from '../store/database.ts';
import type { Row } from '../store/schema.ts';

/** eventsSince gives up to `limit` events after number `seq`, oldest first; numbers are in the order of commits, with no gap but at a restore. */
export async function eventsSince(reader: Reader, seq: number, limit: number): Promise<Row<'event'>[]> {
  return await reader.selectFrom('event').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit).execute();
}

/** lastEvent gives the number of the last event there was, kept or not. */
export async function lastEvent(reader: Reader): Promise<number> {
  return (await reader.selectFrom('wpc').select('event_seq').executeTakeFirstOrThrow()).event_seq;
}

/** shownEvent is an event as the API gives it. */
export function shownEvent({ seq, revision, topic, entity, entity_id, payload, at }: Row<'event'>): Event {
  return { seq, revision, topic, entity, entityId: entity_id, payload, at: at.toISOString() };
}
