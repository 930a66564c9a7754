import { sql } from 'kysely';
import type { ConditionAnswer, Housekeeping } from '../../contract/api/housekeeping.ts';
import type { StatusProblem } from '../../contract/cli/status.ts';
import type { ControllerDeps } from '../deps.ts';
import type { Reader } from '../store/database.ts';
import { roomLevel } from './machine-conditions.ts';

/** What one screen shows of one kind; the rest is counted. */
const shownOfCode = 5;

/** readConditions gives what does not mend itself, the oldest first. */
export async function readConditions(reader: Reader): Promise<ConditionAnswer[]> {
  const rows = await reader
    .selectFrom('condition')
    .select(['code', 'level', 'entity', 'entity_id', 'message', 'since'])
    .orderBy('since')
    .orderBy('key')
    .execute();
  return rows.map(({ entity_id, since, ...rest }) => ({ ...rest, entityId: entity_id, since: since.toISOString() }));
}

/** conditionProblems is the same for status: of each kind a few, since a thousand profiles may end in one week. */
export async function conditionProblems(reader: Reader): Promise<StatusProblem[]> {
  const byCode = Map.groupBy(await readConditions(reader), ({ code }) => code);
  return [...byCode].flatMap(([code, all]) => [
    ...all.slice(0, shownOfCode).map(({ message }) => ({ code, message })),
    ...(all.length > shownOfCode
      ? [{ code, message: `There are ${String(all.length - shownOfCode)} more of this kind; causeway housekeeping lists them.` }]
      : []),
  ]);
}

/** readHousekeeping asks the catalogue for sizes, which takes a few milliseconds. */
export async function readHousekeeping({ store, machine }: Pick<ControllerDeps, 'store' | 'machine'>): Promise<Housekeeping> {
  const { database } = store;
  const { rows: tables } = await sql<{ name: string; bytes: string; rows: number }>`
    select relname as name, pg_total_relation_size(oid) as bytes, greatest(reltuples, 0)::float8 as rows
    from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
    order by pg_total_relation_size(oid) desc, relname`.execute(database);
  const { rows: whole } = await sql<{ bytes: string; swept_at: Date | null }>`
    select pg_database_size(current_database()) as bytes, swept_at from sweep_state`.execute(database);
  await machine.look();
  return {
    conditions: await readConditions(database),
    disks: machine.rooms.map((room) => ({ ...room, level: roomLevel(room) })),
    database: {
      bytes: Number(whole[0]?.bytes ?? 0),
      tables: tables.map(({ name, bytes, rows }) => ({ name, bytes: Number(bytes), rows })),
    },
    sweptAt: whole[0]?.swept_at?.toISOString() ?? null,
  };
}
