/**
 * src/controller/activity reads audit and events as one list: what somebody did, and what came of itself.
 * Tests: `node --test 'src/controller/activity/*.test.ts'` (real PostgreSQL).
 */
import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { ActivityEntry, ActivityList, ActivityQuery } from '../../contract/api/activity.ts';
import type { Reader } from '../store/database.ts';
import type { Row } from '../store/schema.ts';
import type { ObjectName } from './object-names.ts';
import { lastName, readObjectNames } from './object-names.ts';

/** A line before names are known; `number` is its own in the audit or among the events. */
type Line =
  | { readonly from: 'audit'; readonly number: number; readonly row: Row<'audit'> }
  | { readonly from: 'event'; readonly number: number; readonly row: Row<'event'> };

/** Where a page ends: the last number of each that was given. Numbers only grow, and both tables are read along them. */
type Cursor = { readonly audit: number; readonly event: number };

/**
 * readActivity gives a page, newest first. An event is left out where the audit tells the same: it was written in the same transaction, so both
 * have its time. Three queries, however long the lists are.
 */
export async function readActivity(reader: Reader, query: ActivityQuery): Promise<ActivityList> {
  const start = cursorOf(query.before);
  const audit = (await readAudit(reader, query, start.audit)).map((row): Line => ({ from: 'audit', number: row.id, row }));
  // Nobody did what came of itself.
  const events =
    query.who === undefined
      ? (await readEvents(reader, query, start.event)).map((row): Line => ({ from: 'event', number: row.seq, row }))
      : [];
  const lines = merge(audit, events).slice(0, query.limit);
  const names = await readObjectNames(
    reader,
    lines.map(({ row }) => ({ entity: row.entity, id: row.entity_id })),
  );
  const end = lines.reduce<Cursor>((before, { from, number }) => ({ ...before, [from]: number }), start);
  return {
    entries: lines.map((line) => shown(line, names.get(line.row.entity_id))),
    next: audit.length + events.length > query.limit ? `${String(end.audit)}.${String(end.event)}` : null,
  };
}

function cursorOf(text: string | undefined): Cursor {
  const [audit = Number.MAX_SAFE_INTEGER, event = Number.MAX_SAFE_INTEGER] = text?.split('.').map(Number) ?? [];
  return { audit, event };
}

async function readAudit(reader: Reader, query: ActivityQuery, before: number): Promise<Row<'audit'>[]> {
  const { limit, who } = query;
  let rows = reader.selectFrom('audit').selectAll().where('id', '<', before).where(isAskedFor(query));
  if (who !== undefined)
    rows = rows.where((where) => where.or([where('principal_id', '=', who), where('principal_kind', '=', who)]));
  return await rows
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

async function readEvents(reader: Reader, query: ActivityQuery, before: number): Promise<Row<'event'>[]> {
  return await reader
    .selectFrom('event')
    .selectAll()
    .where('seq', '<', before)
    .where(isAskedFor(query))
    .where(
      sql<boolean>`not exists (select from audit where audit.at = event.at and audit.entity = event.entity
        and audit.entity_id = event.entity_id and audit.entity || '.' || audit.action = event.topic)`,
    )
    .orderBy('seq', 'desc')
    .limit(query.limit + 1)
    .execute();
}

/** The part of a question that both tables answer, which call these columns alike. */
function isAskedFor({ entity, entityId, networkId, from, until }: ActivityQuery): RawBuilder<boolean> {
  const conditions = [sql`true`];
  if (entity !== undefined) conditions.push(sql`entity = ${entity}`);
  if (entityId !== undefined) conditions.push(sql`entity_id = ${entityId}`);
  if (networkId !== undefined)
    conditions.push(sql`entity_id in (select ${networkId}::text
      union all select id::text from connector where network_id = ${networkId}::uuid
      union all select id::text from network_route where network_id = ${networkId}::uuid)`);
  if (from !== undefined) conditions.push(sql`at >= ${new Date(from)}`);
  if (until !== undefined) conditions.push(sql`at < ${new Date(until)}`);
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** merge takes from both lists whatever is newer, each in its own order. What came of a change stands above it. */
function merge(audit: readonly Line[], events: readonly Line[]): Line[] {
  const [left, right] = [[...audit], [...events]];
  const merged: Line[] = [];
  for (;;) {
    const [ofAudit, ofEvents] = [left[0], right[0]];
    if (ofAudit === undefined || ofEvents === undefined) return [...merged, ...left, ...right];
    const next = ofEvents.row.at >= ofAudit.row.at ? right.shift() : left.shift();
    if (next !== undefined) merged.push(next);
  }
}

function shown(line: Line, named: ObjectName | undefined): ActivityEntry {
  const { number, row } = line;
  const common = { at: row.at.toISOString(), entity: row.entity, entityId: row.entity_id, networkId: named?.networkId ?? null };
  if (line.from === 'event') {
    const { topic, payload } = line.row;
    return {
      ...common,
      key: `event-${String(number)}`,
      action: topic.slice(topic.indexOf('.') + 1),
      name: named?.name ?? null,
      who: null,
      requestId: null,
      before: null,
      after: null,
      payload,
    };
  }
  const { action, principal_kind, principal_id, principal_name, source_address, request_id } = line.row;
  const [before, after] = [asRecord(line.row.before), asRecord(line.row.after)];
  return {
    ...common,
    key: `audit-${String(number)}`,
    action,
    name: named?.name ?? lastName(after) ?? lastName(before) ?? null,
    who: { kind: principal_kind, id: principal_id, name: principal_name, sourceAddress: source_address },
    requestId: request_id,
    before,
    after,
    payload: null,
  };
}

function asRecord(value: object | null): Record<string, unknown> | null {
  return value === null ? null : { ...value };
}
