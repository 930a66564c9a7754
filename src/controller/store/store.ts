import { sql } from 'kysely';
import type { Database, DatabaseOptions, PoolUse } from './database.ts';
import { openDatabase } from './database.ts';
import { coalesce } from './coalesce.ts';

/** Channel of NOTIFY; its payload is the revision and says only that it is worth looking at the tables. */
export const changeChannel = 'causeway_revision';

/** Store is the database as the controller's parts get it: queries, and the way to tell readers of every controller that something is new. */
export type Store = {
  readonly database: Database;
  readonly pool: () => PoolUse;
  /** Wakes the readers of all controllers (wake-up.ts). Called after a commit; returns at once and never fails: readers also poll. */
  readonly announce: () => void;
  readonly close: () => Promise<void>;
};

/**
 * NOTIFY takes a lock of the whole server while its transaction commits, so it is sent by itself and at most once in this time, however
 * many commits there were.
 */
const announceInterval_ms = 50;

/** openStore makes the pool; it connects with the first query. */
export function openStore(options: DatabaseOptions): Store {
  const { database, pool } = openDatabase(options);
  const announcer = coalesce(announceInterval_ms, async () => {
    // Best effort: a reader that misses this sees the change at its next poll.
    await sql`select pg_notify(${changeChannel}, revision::text) from wpc`.execute(database).catch(() => undefined);
  });
  return {
    database,
    pool,
    announce: announcer.call,
    close: async () => {
      await announcer.stop();
      await database.destroy();
    },
  };
}
