/**
 * src/controller/change follows one change of the model, which is one revision: who asked for it, what it did, and how far gateways and connectors
 * have come with it. Tests: `node --test 'src/controller/change/*.test.ts'` (real PostgreSQL).
 */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Change, ChangeList } from '../../contract/api/change.ts';
import { notFound } from '../../contract/errors.ts';
import { appliedChange } from '../../contract/gateway.ts';
import { lastName, readObjectNames } from '../activity/object-names.ts';
import { isObjectId } from '../domain/object-id.ts';
import type { Reader } from '../store/database.ts';
import type { Row } from '../store/schema.ts';

/** Deeds and events of one change that are told: a network with 1,000 prefixes that goes takes each of them along. */
const mostTold = 200;
const mostConnectors = 20;

/**
 * readChange gives the change of a revision, or of the request with this id. Throws `not found` for what is no change, or is gone with the audit
 * and the events of its time.
 */
export async function readChange(reader: Reader, id: string): Promise<Change> {
  const revision = await revisionOf(reader, id);
  const deeds = await reader
    .selectFrom('audit')
    .selectAll()
    .where('revision', '=', revision)
    .orderBy('id')
    .limit(mostTold)
    .execute();
  const events = await reader
    .selectFrom('event')
    .selectAll()
    .where('revision', '=', revision)
    .orderBy('seq')
    .limit(mostTold)
    .execute();
  const at = deeds[0]?.at ?? events[0]?.at;
  if (at === undefined) throw notFound('change', id);
  // What happened later without a change of the model carries the same revision, and another time.
  const own = events.filter((event) => event.at.getTime() === at.getTime());
  const told = new Set(deeds.map(({ entity, action, entity_id }) => `${entity}.${action} ${entity_id}`));
  const cameOfIt = own.filter(({ topic, entity_id }) => !told.has(`${topic} ${entity_id}`));
  const names = await readObjectNames(
    reader,
    [...deeds, ...own].map(({ entity, entity_id }) => ({ entity, id: entity_id })),
  );
  return {
    revision,
    at: at.toISOString(),
    who: authorOf(deeds[0]),
    did: deeds.map(({ action, entity, entity_id, before, after }) => {
      const [was, is] = [asRecord(before), asRecord(after)];
      const name = names.get(entity_id)?.name ?? lastName(is) ?? lastName(was) ?? null;
      return { action, entity, entityId: entity_id, name, before: was, after: is };
    }),
    cameOfIt: cameOfIt.map(({ topic, entity_id, payload }) => ({
      topic,
      entityId: entity_id,
      name: names.get(entity_id)?.name ?? null,
      payload,
    })),
    gateways: await atGateways(reader, revision),
    connectors: await atConnectors(reader, revision),
  };
}

/** listChanges gives the last ones, newest first: two queries, however many there are. */
export async function listChanges(
  reader: Reader,
  { limit, before = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly before?: number | undefined },
): Promise<ChangeList> {
  const rows = await reader
    .selectFrom('audit')
    .selectAll()
    .where(
      'revision',
      'in',
      reader
        .selectFrom('audit')
        .select('revision')
        .distinct()
        .where('revision', 'is not', null)
        .where('revision', '<', before)
        .orderBy('revision', 'desc')
        .limit(limit),
    )
    .orderBy('revision', 'desc')
    .orderBy('id')
    .execute();
  const byRevision = Map.groupBy(rows, ({ revision }) => revision ?? 0);
  return {
    changes: [...byRevision].flatMap(([revision, deeds]) => {
      const [first] = deeds;
      if (first === undefined) return [];
      const did = deeds.slice(0, mostTold).map(({ entity, action }) => `${entity} ${action}`);
      return [{ revision, at: first.at.toISOString(), who: first.principal_name, requestId: first.request_id, did }];
    }),
  };
}

async function revisionOf(reader: Reader, id: string): Promise<number> {
  if (/^\d{1,15}$/.test(id)) return Number(id);
  if (!isObjectId(id)) throw notFound('change', id);
  const row = await reader
    .selectFrom('audit')
    .select('revision')
    .where('request_id', '=', id.toLowerCase())
    .where('revision', 'is not', null)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (row?.revision === undefined || row.revision === null) throw notFound('change', id);
  return row.revision;
}

function authorOf(deed: Row<'audit'> | undefined): Change['who'] {
  if (deed === undefined) return null;
  const { principal_kind: kind, principal_id: id, principal_name: name, source_address, request_id } = deed;
  return { kind, id, name, sourceAddress: source_address, requestId: request_id };
}

const toldByGateway = appliedChange.pick({ receivedAt: true, appliedAt: true, tookMs: true, steps: true, commands: true });
const nothingTold = { receivedAt: null, appliedAt: null, tookMs: null, steps: {}, commands: [] };

/** The first revision from this one on that a gateway applied carried the change. */
async function atGateways(reader: Reader, revision: number): Promise<Change['gateways']> {
  const { rows } = await sql<{ name: string; applied: number | null; by: number | null; told: unknown }>`
    select gateway.name, gateway.applied_revision as applied, first.revision as by, first.told
    from gateway left join lateral (
      select revision, told from applied_change
      where applied_change.gateway_id = gateway.id and applied_change.revision >= ${revision}
      order by applied_change.revision limit 1) as first on true
    where gateway.created_at <= coalesce((select max(at) from audit where audit.revision = ${revision}), now())
    order by gateway.created_at, gateway.id`.execute(reader);
  return rows.map(({ name, applied, by, told }) => {
    const has = by !== null || (applied !== null && applied >= revision);
    // What another version has written and this one cannot read is as good as not told.
    const read = by === null ? nothingTold : z.union([toldByGateway, z.any().transform(() => nothingTold)]).parse(told);
    return { gateway: name, state: has ? 'applied' : 'waiting', by, ...read };
  });
}

async function atConnectors(reader: Reader, revision: number): Promise<Change['connectors']> {
  const { rows } = await sql<{ have: number; all: number }>`
    select count(*) as all, count(*) filter (where newest >= ${revision}) as have
    from (select max(revision) as newest from applied_change where connector_id is not null group by connector_id) as held`.execute(
    reader,
  );
  const first = await reader
    .selectFrom('applied_change')
    .innerJoin('connector', 'connector.id', 'applied_change.connector_id')
    .select(['connector.id', 'connector.name', 'applied_change.at'])
    .where('applied_change.revision', '=', revision)
    .orderBy('applied_change.at')
    .limit(mostConnectors)
    .execute();
  return {
    have: rows[0]?.have ?? 0,
    all: rows[0]?.all ?? 0,
    first: first.map(({ id, name, at }) => ({ id, name, at: at.toISOString() })),
  };
}

function asRecord(value: object | null): Record<string, unknown> | null {
  return value === null ? null : { ...value };
}
