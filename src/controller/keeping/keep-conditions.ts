import { sql } from 'kysely';
import { appendEvents } from '../store/model-transaction.ts';
import type { Store } from '../store/store.ts';
import type { Condition, ConditionChanges } from './condition.ts';
import { conditionChanges } from './condition.ts';

/** What a controller says of its own machine and has not said again for this long was said by one that is gone. */
const silence = '1 hour';

/**
 * keepConditions makes the table what is now, and appends an event for each condition that began, came further or ended. `owner` says whose
 * conditions `current` is the whole of: those of the installation, or of one machine; others are left alone. Of several controllers that find the
 * same at the same time one tells it.
 */
export async function keepConditions(
  store: Store,
  owner: 'installation' | `machine:${string}`,
  current: readonly Condition[],
): Promise<ConditionChanges> {
  const own = current.map((condition) => ({ ...condition, key: `${owner} ${condition.key}` }));
  const changes = await store.database.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('causeway conditions'))`.execute(trx);
    const held = await trx
      .selectFrom('condition')
      .select(['key', 'code', 'level', 'entity', 'entity_id', sql<boolean>`seen_at < now() - ${silence}::interval`.as('silent')])
      .execute();
    const concerned = held.filter(({ key, silent }) => key.startsWith(`${owner} `) || silent);
    const found = conditionChanges(
      // What is in the table was written here.
      concerned.map(({ code, entity_id, ...rest }) => ({ ...rest, code: code as Condition['code'], entityId: entity_id })),
      own,
    );
    if (found.ended.length > 0) {
      await trx
        .deleteFrom('condition')
        .where(sql<boolean>`key = any(${found.ended.map(({ key }) => key)}::text[])`)
        .execute();
    }
    if (own.length > 0) {
      await trx
        .insertInto('condition')
        .values(own.map(({ entityId, ...rest }) => ({ ...rest, entity_id: entityId })))
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet((row) => ({
            code: row.ref('excluded.code'),
            level: row.ref('excluded.level'),
            message: row.ref('excluded.message'),
            since: sql`case when condition.code = excluded.code then condition.since else now() end`,
            seen_at: sql`now()`,
          })),
        )
        .execute();
    }
    return found;
  });
  await appendEvents(store, [
    ...changes.begun.map(({ code, level, message, entity, entityId }) => ({
      topic: 'condition.began',
      entity,
      entityId,
      payload: { code, level, message },
    })),
    ...changes.ended.map(({ code, entity, entityId }) => ({ topic: 'condition.ended', entity, entityId, payload: { code } })),
  ]);
  return changes;
}
