import { sql } from 'kysely';
import type { Actor } from '../principal.ts';
import { principalName } from '../principal.ts';
import type { ModelTrx } from './database.ts';
import { assignEgressNumbers } from './egress-class.ts';
import { assignConnectorLanes } from './lane-assignment.ts';
import { readRehearsal } from './rehearsal.ts';
import type { StaticRouteEvent, StaticRouteNews } from './static-route-events.ts';
import { sitePlanInputAt, staticRouteNews } from './static-route-events.ts';
import type { Store } from './store.ts';

/** Record is one thing that a change did, for the event stream and for the audit. Never put a secret in it. */
export type ChangeRecord = {
  /** The table's noun: `network`, `connector`, `device`. With the action it makes the topic `network.created`. */
  readonly entity: string;
  readonly entityId: string;
  readonly action: string;
  readonly before?: object | null;
  readonly after?: object | null;
};

/** Change is what a model transaction hands to its function. */
export type Change = {
  readonly trx: ModelTrx;
  /** The revision that this change will have once it is committed. */
  readonly revision: number;
  /** The database's time at the start of the transaction; the same as now() in SQL. */
  readonly now: Date;
  readonly actor: Actor;
  /** Says what was changed: at least once, else the transaction is refused when it has written to the model. */
  readonly record: (record: ChangeRecord) => void;
};

/**
 * inModelTransaction runs `change` in one transaction and, if it wrote to a table of the model, gives the result the next revision: bumped
 * exactly once, with the events and audit rows that it recorded. Writers are in order by the row lock on wpc, so revisions and event
 * numbers are in the order of commits, and `change` may read, decide and write without being overtaken. What it throws rolls
 * everything back and is thrown on. A change that wrote nothing keeps the revision. For an actor that rehearses, everything is taken back and
 * `Rehearsed` is thrown. Readers are woken after the commit by wake-up.ts.
 */
export async function inModelTransaction<Result>(
  store: Store,
  actor: Actor,
  change: (change: Change) => Promise<Result>,
): Promise<Result> {
  let announced = false;
  let revisionMade: number | undefined;
  let news: StaticRouteNews | undefined;
  const result = await store.database.transaction().execute(async (trx) => {
    const wpc = await trx
      .selectFrom('wpc')
      .select(['revision', 'event_seq', sql<Date>`now()`.as('now')])
      .forUpdate()
      .executeTakeFirstOrThrow();
    await sql`select set_config('causeway.model_transaction', 'on', true), set_config('causeway.model_changed', 'off', true)`.execute(
      trx,
    );
    const routesBefore = await sitePlanInputAt(store, trx, wpc.revision);
    const rehearsed = actor.rehearses === true ? await readRehearsal(trx) : undefined;
    const revision = wpc.revision + 1;
    const records: ChangeRecord[] = [];
    const outcome = await change({ trx, revision, now: wpc.now, actor, record: (record) => records.push(record) });

    const state = await sql<{ changed: boolean }>`select current_setting('causeway.model_changed') = 'on' as changed`.execute(
      trx,
    );
    const changed = state.rows[0]?.changed === true;
    // Here rather than in each operation: whatever made or removed connectors, the revision that says so also says their lanes.
    if (changed) {
      await assignConnectorLanes(trx);
      await assignEgressNumbers(trx);
    }
    if (rehearsed !== undefined) return await rehearsed.end(changed);
    if (changed && records.length === 0) throw new Error('a change of the model has to record what it did (change.record)');
    if (records.length > 0) {
      if (changed) news = await staticRouteNews(store, trx, routesBefore, revision);
      await appendRecords(trx, actor, records, news?.events ?? [], {
        of: changed ? revision : wpc.revision,
        made: changed ? revision : null,
        lastSeq: wpc.event_seq,
      });
    }
    if (changed) await trx.updateTable('wpc').set({ revision }).execute();
    if (changed) revisionMade = revision;
    announced = records.length > 0;
    return outcome;
  });
  news?.keep();
  if (announced) store.announce();
  if (revisionMade !== undefined) actor.changed?.(revisionMade);
  return result;
}

/** NewEvent is one line of the event stream before it has its number. */
export type NewEvent = {
  readonly topic: string;
  readonly entity: string;
  readonly entityId: string;
  readonly payload?: object;
};

/**
 * appendEvents records what happened without a change of the model (a session that began, a token that was refused): events only, no
 * revision, no audit. Do not send what comes many times a second through it.
 */
export async function appendEvents(store: Store, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await store.database.transaction().execute(async (trx) => {
    const { revision, event_seq: last } = await trx
      .selectFrom('wpc')
      .select(['revision', 'event_seq'])
      .forUpdate()
      .executeTakeFirstOrThrow();
    await insertEvents(trx, events, revision, last);
  });
  store.announce();
}

/**
 * recordAudit keeps who did something that is no change of the model (an API credential that was made). Call it inside the transaction
 * that does it. `revision`: the one that it made, where it is a change of the model.
 */
export async function recordAudit(
  trx: ModelTrx,
  actor: Actor,
  records: readonly ChangeRecord[],
  revision: number | null = null,
): Promise<void> {
  const who = principalName(actor.principal);
  await trx
    .insertInto('audit')
    .values(
      records.map((record) => ({
        principal_kind: actor.principal.kind,
        principal_id: who.id,
        principal_name: who.name,
        source_address: actor.sourceAddress,
        request_id: actor.requestId,
        action: record.action,
        entity: record.entity,
        entity_id: record.entityId,
        before: toJson(record.before),
        after: toJson(record.after),
        revision,
      })),
    )
    .execute();
}

/** `consequences` follow from the change: events, and nothing that anybody did, so the audit has only the records. */
async function appendRecords(
  trx: ModelTrx,
  actor: Actor,
  records: readonly ChangeRecord[],
  consequences: readonly StaticRouteEvent[],
  { of, made, lastSeq }: { readonly of: number; readonly made: number | null; readonly lastSeq: number },
): Promise<void> {
  const events = [
    ...records.map(({ entity, entityId, action }) => ({ topic: `${entity}.${action}`, entity, entityId })),
    ...consequences,
  ];
  await insertEvents(trx, events, of, lastSeq);
  await recordAudit(trx, actor, records, made);
}

/** Four parameters, however many there are: a change of one site is an event of every other one, and a statement has 65,535 parameters. */
async function insertEvents(trx: ModelTrx, events: readonly NewEvent[], revision: number, lastSeq: number): Promise<void> {
  const topics = events.map(({ topic }) => topic);
  const entities = events.map(({ entity }) => entity);
  const ids = events.map(({ entityId }) => entityId);
  const payloads = events.map(({ payload }) => JSON.stringify(payload ?? {}));
  await sql`insert into event (seq, revision, topic, entity, entity_id, payload)
    select ${lastSeq}::bigint + number, ${revision}::bigint, topic, entity, entity_id, payload::jsonb
    from unnest(${topics}::text[], ${entities}::text[], ${ids}::text[], ${payloads}::text[])
      with ordinality as events (topic, entity, entity_id, payload, number)`.execute(trx);
  await trx
    .updateTable('wpc')
    .set({ event_seq: lastSeq + events.length })
    .execute();
}

function toJson(value: object | null | undefined): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
