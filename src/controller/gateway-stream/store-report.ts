import { sql } from 'kysely';
import type { GatewayReport, SessionReport } from '../../contract/gateway.ts';
import type { ConnectorId, GatewayId } from '../../core/ids.ts';
import { keepApplied } from '../change/applied-changes.ts';
import type { ModelTrx } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import type { ReportChanges } from './connector-events.ts';
import type { HealthChanges, HealthReport } from './health-changes.ts';
import { healthChanges, parseHealthReport } from './health-changes.ts';
import { markReported, record, writeSessions } from './write-sessions.ts';

/**
 * storeReport writes a gateway's report: lanes, health and problems as they are, sessions by their key (the last report of a session counts, also
 * one that revives it: the gateway sends one report at a time), and the first use of certificates. A full report ends the live
 * sessions of this gateway that it does not list. A fixed number of statements, whatever the number of sessions. `at` is when it came, for
 * what is counted by time; undefined: now, by the clock of the database.
 */
export async function storeReport(store: Store, gateway: GatewayId, report: GatewayReport, at?: Date): Promise<ReportChanges> {
  return await store.database.transaction().execute(async (trx) => {
    const health = await describe(trx, gateway, report);
    await markReported(trx, gateway, at);
    if (report.applied !== undefined && report.applied.length > 0) await keepApplied(trx, gateway, report.applied);
    if (report.sessions.length === 0 && !report.full) return { online: [], offline: [], refused: [], health };
    // The last word of each: one statement cannot write a row twice.
    const latest = new Map(report.sessions.map((session) => [session.key, session]));
    const sessions = JSON.stringify([...latest.values()].map(toRow));
    const concerned = await concernedConnectors(trx, gateway, report);
    const before = await liveConnectors(trx, concerned);
    await writeSessions(trx, gateway, sessions, at);
    if (report.full) await endUnlisted(trx, gateway, sessions);
    await noteFirstUse(trx, sessions);
    const after = await liveConnectors(trx, concerned);
    return {
      online: concerned.filter((id) => after.has(id) && !before.has(id)),
      offline: concerned.filter((id) => before.has(id) && !after.has(id)),
      refused: refusals(report.sessions),
      health,
    };
  });
}

/** Keeps what is whole in every report, and gives what it changes of health. The row is locked: two reports at once are compared in turn. */
async function describe(trx: ModelTrx, gateway: GatewayId, report: GatewayReport): Promise<HealthChanges> {
  const before = await trx
    .selectFrom('gateway')
    .select(['connectors', 'pools'])
    .where('id', '=', gateway)
    .forUpdate()
    .executeTakeFirst();
  const health = cleanHealth(report);
  await trx
    .updateTable('gateway')
    .set({
      applied_revision: report.appliedRevision,
      lanes: JSON.stringify(
        report.lanes.map((lane) => (lane.reason === undefined ? lane : { ...lane, reason: clean(lane.reason) })),
      ),
      problems: JSON.stringify(report.problems.map(({ code, message }) => ({ code: clean(code), message: clean(message) }))),
      connectors: JSON.stringify(health.connectors),
      pools: JSON.stringify(health.pools),
      trusts: JSON.stringify(report.trusts),
      reported_at: sql<Date>`now()`,
    })
    .where('id', '=', gateway)
    .execute();
  return healthChanges(parseHealthReport(before ?? { connectors: [], pools: [] }), health);
}

function cleanHealth({ connectors, pools }: GatewayReport): HealthReport {
  return {
    connectors: connectors.map((each) => ({
      ...each,
      reason: clean(each.reason),
      target: each.target === null ? null : clean(each.target),
    })),
    pools: pools.map((each) => ({ ...each, reason: clean(each.reason) })),
  };
}

/** The connectors whose state a report may change: those in it, and with a full one all that were live at this gateway. */
async function concernedConnectors(trx: ModelTrx, gateway: GatewayId, report: GatewayReport): Promise<readonly ConnectorId[]> {
  const concerned = new Set(report.sessions.flatMap(({ endpoint }) => connectorOf(endpoint) ?? []));
  if (report.full) {
    const rows = await trx
      .selectFrom('session')
      .select('connector_id')
      .distinct()
      .where('gateway_id', '=', gateway)
      .where('state', '=', 'established')
      .where('connector_id', 'is not', null)
      .execute();
    for (const { connector_id } of rows) if (connector_id !== null) concerned.add(connector_id);
  }
  return [...concerned];
}

async function liveConnectors(trx: ModelTrx, among: readonly ConnectorId[]): Promise<ReadonlySet<ConnectorId | null>> {
  if (among.length === 0) return new Set();
  const rows = await trx
    .selectFrom('session')
    .select('connector_id')
    .distinct()
    .where('state', '=', 'established')
    .where(sql<boolean>`connector_id = any(${[...among]}::uuid[])`)
    .execute();
  return new Set(rows.map(({ connector_id }) => connector_id));
}

async function endUnlisted(trx: ModelTrx, gateway: GatewayId, sessions: string): Promise<void> {
  await sql`
    update session set state = 'ended', reason = 'the gateway does not know it any more', ended_at = now(), updated_at = now()
    where gateway_id = ${gateway} and state = 'established'
      and key not in (select r.key from json_to_recordset(${sessions}::json) as r ${record})`.execute(trx);
}

/** A certificate that was used never lapses early (pki/certificates.ts). */
async function noteFirstUse(trx: ModelTrx, sessions: string): Promise<void> {
  await sql`
    update certificate set first_used_at = r.started_at
    from (select serial, min(started_at) as started_at from json_to_recordset(${sessions}::json) as s ${record}
      where state <> 'refused' group by serial) as r
    where certificate.serial = r.serial and certificate.first_used_at is null`.execute(trx);
}

function refusals(sessions: readonly SessionReport[]): ReportChanges['refused'] {
  return sessions.flatMap(({ endpoint, state, reason }) => {
    const connector = connectorOf(endpoint);
    return state === 'refused' && connector !== undefined ? [{ connector, reason: clean(reason ?? 'unknown') }] : [];
  });
}

function toRow(session: SessionReport) {
  const [kind, id] = session.endpoint.split(':', 2);
  return {
    key: clean(session.key),
    lane: session.lane,
    connector_id: kind === 'connector' ? id : null,
    device_id: kind === 'device' ? id : null,
    serial: session.serial,
    state: session.state,
    reason: session.reason === undefined ? null : clean(session.reason),
    client_address: clean(session.clientAddress),
    started_at: session.startedAt,
    ended_at: session.endedAt ?? null,
    bytes_in: countable(session.bytesIn),
    bytes_out: countable(session.bytesOut),
    client_version: session.clientVersion === undefined ? null : clean(session.clientVersion),
    platform: session.platform === undefined ? null : clean(session.platform),
  };
}

function countable(bytes: number): number {
  return Math.min(Math.round(bytes), Number.MAX_SAFE_INTEGER);
}

function connectorOf(endpoint: string): ConnectorId | undefined {
  // The schema of the contract has checked the rest.
  return endpoint.startsWith('connector:') ? (endpoint.slice('connector:'.length) as ConnectorId) : undefined;
}

/** Versions and platforms are what the client claims: PostgreSQL takes neither NUL nor half a surrogate pair, and no list wants the rest. */
function clean(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
