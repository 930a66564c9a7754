import { sql } from 'kysely';
import type { SessionQuery } from '../../contract/api/session.ts';
import { invalidInput } from '../../contract/errors.ts';
import type { Reader } from '../store/database.ts';
import { gatewayReports } from './live-session.ts';
import { referredId } from './object-id.ts';

const days = 30;
const window_ms = days * 24 * 3_600_000;

const stateOfStatus = { ACTIVE: 'established', COMPLETED: 'ended', FAILED: 'refused' } as const;

/**
 * listSessions gives tunnels newest first. The window is the last 30 days unless it is narrowed; a tunnel belongs to it when it was up at
 * some moment of it, or with `returnOnlyNew` when it began in it (what the vendor means by that is not documented; this is our reading).
 * The cursor is the last session of the page before, so that tunnels which begin meanwhile shift nothing.
 */
export async function listSessions(reader: Reader, query: SessionQuery, now: Date) {
  const earliest = new Date(now.getTime() - window_ms);
  refuseTooOld('startDate', query.startDate, earliest);
  refuseTooOld('endDate', query.endDate, earliest);
  const from = query.startDate ?? earliest;
  let rows = reader
    .selectFrom('session')
    .innerJoin('region', 'region.id', 'session.region')
    .innerJoin('gateway', 'gateway.id', 'session.gateway_id')
    .selectAll('session')
    .select(['region.name as region_name', gatewayReports().as('gateway_reports')])
    .where((where) =>
      query.returnOnlyNew
        ? where('session.started_at', '>=', from)
        : where.or([
            where('session.started_at', '>=', from),
            where('session.ended_at', '>=', from),
            where('session.state', '=', 'established'),
          ]),
    )
    .orderBy('session.started_at', 'desc')
    .orderBy('session.id', 'desc')
    .limit(query.size + 1);
  if (query.endDate !== undefined) rows = rows.where('session.started_at', '<', query.endDate);
  if (query.status !== undefined) rows = rows.where('session.state', '=', stateOfStatus[query.status]);
  if (query.cursor !== undefined) {
    const last = await cursorSession(reader, query.cursor);
    rows = rows.where(sql<boolean>`(session.started_at, session.id) < (select started_at, id from session where id = ${last})`);
  }
  const found = await rows.execute();
  const items = found.slice(0, query.size);
  const last = items.at(-1);
  return { items, nextCursor: found.length > query.size && last !== undefined ? toCursor(last.id) : undefined };
}

function toCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

async function cursorSession(reader: Reader, cursor: string) {
  const id = referredId('session', Buffer.from(cursor, 'base64url').toString('latin1'));
  const row =
    id === undefined ? undefined : await reader.selectFrom('session').select('id').where('id', '=', id).executeTakeFirst();
  if (row !== undefined) return row.id;
  throw invalidInput(
    'cursor',
    cursor,
    'is not a place in this list (any more)',
    'nextCursor of the answer before, or none to begin again',
  );
}

function refuseTooOld(field: string, instant: Date | undefined, earliest: Date): void {
  // A client that computes "30 days ago" has done so a moment before us.
  if (instant === undefined || instant.getTime() >= earliest.getTime() - 60_000) return;
  const allowed = `an instant after ${earliest.toISOString()}`;
  throw invalidInput(
    field,
    instant.toISOString(),
    `is more than ${String(days)} days back, and sessions are kept no longer`,
    allowed,
  );
}
