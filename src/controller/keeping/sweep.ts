/**
 * src/controller/keeping is what an installation needs to run for years: deleting what has expired, looking after certificates, and
 * watching disk and clock. Tests: `node --test 'src/controller/keeping/*.test.ts'`.
 */
import { sql } from 'kysely';
import type { RetentionKind } from '../../core/retention.ts';
import { retentionWith } from '../../core/retention.ts';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { Schema } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { beginSweep } from './sweep-hold.ts';

type Expiring = {
  readonly table: keyof Schema;
  /** When a row ended: rows without it go on. */
  readonly column: string;
  /** How long it is kept from then on. What is settled here needs no looking back to: it stays only to be told apart from what never was. */
  readonly kept: RetentionKind | '1 day' | '2 days' | '70 minutes' | '400 days';
};

/** Everything that grows by itself. docs/housekeeping.md is the same table for people. */
const expiring: readonly Expiring[] = [
  { table: 'access_token', column: 'expires_at', kept: '1 day' },
  { table: 'install_token', column: 'expires_at', kept: '1 day' },
  // Longer than its life, so that an agent that comes back too late is told what happened instead of being taken for a stranger.
  { table: 'agent_credential', column: 'expires_at', kept: '400 days' },
  { table: 'connect_attempt', column: 'expires_at', kept: '1 day' },
  { table: 'encrypted_profile', column: 'expires_at', kept: '1 day' },
  { table: 'web_session', column: 'expires_at', kept: '1 day' },
  { table: 'passkey_challenge', column: 'expires_at', kept: '1 day' },
  { table: 'one_time_link', column: 'expires_at', kept: '1 day' },
  { table: 'browser', column: 'expires_at', kept: '1 day' },
  { table: 'profile_link', column: 'expires_at', kept: '1 day' },
  { table: 'sign_in_allowance', column: 'at', kept: '2 days' },
  { table: 'traffic_sample', column: 'at', kept: '70 minutes' },
  { table: 'mail', column: 'settled_at', kept: 'mails' },
  { table: 'invitation', column: 'expires_at', kept: 'invitations' },
  { table: 'session', column: 'ended_at', kept: 'sessions' },
  { table: 'event', column: 'at', kept: 'events' },
  { table: 'audit', column: 'at', kept: 'audit' },
];

/** A certificate that has expired is refused by openvpn itself; a week later nobody asks any more why. */
const expiredCertificatesKept = '7 days';

/** A batch holds its locks for some 20 ms, and an interrupted sweep loses at most this much work. */
const rowsInBatch = 5_000;

/** From here on the space is given back, and the planner's figures are made anew, at once instead of when autovacuum comes by. */
const rowsWorthVacuum = 10_000;

/** Swept is how many rows went, by table; tables that lost none are left out. */
export type Swept = Readonly<Partial<Record<keyof Schema, number>>>;

/**
 * sweep deletes what has expired, in batches that are committed one by one: nobody waits for long, and what was done stays done when it is
 * interrupted. Safe to run at any time and by several controllers at once, which share the work. Vacuums the tables that lost many rows. `signal` ends it
 * between two batches.
 */
export async function sweep(store: Store, signal?: AbortSignal): Promise<Swept> {
  const { database } = store;
  const { retention } = await database.selectFrom('wpc').select('retention').executeTakeFirstOrThrow();
  const days = retentionWith(retention);
  const { mayDeleteRecords } = await beginSweep(database);
  const swept: { -readonly [Table in keyof Swept]: Swept[Table] } = {};
  for (const { table, column, kept } of expiring) {
    if (kept in days && !mayDeleteRecords) continue;
    const age = kept in days ? `${String(days[kept as RetentionKind])} days` : kept;
    const rows = await inBatches(signal, async () => await deleteExpired(store, table, column, age));
    if (rows > 0) swept[table] = rows;
  }
  const certificates = await inBatches(signal, async () => await deleteExpiredCertificates(store));
  if (certificates > 0) swept.certificate = certificates;
  for (const [table, rows] of Object.entries(swept)) {
    // The owner of a table may do this, so it works for a database of somebody else's too. Whoever holds the table is not waited for.
    if (rows >= rowsWorthVacuum) await sql`vacuum (analyze, skip_locked) ${sql.table(table)}`.execute(database);
  }
  return swept;
}

async function inBatches(signal: AbortSignal | undefined, deleteBatch: () => Promise<number>): Promise<number> {
  let rows = 0;
  for (;;) {
    if (signal?.aborted === true) return rows;
    const batch = await deleteBatch();
    rows += batch;
    if (batch < rowsInBatch) return rows;
  }
}

async function deleteExpired({ database }: Store, table: keyof Schema, column: string, age: string): Promise<number> {
  const [name, ended] = [sql.table(table), sql.ref(column)];
  // By place in the table: several of the tables have keys of more than one column.
  const { numAffectedRows } = await sql`
    delete from ${name} where ctid = any(array(
      select ctid from ${name} where ${ended} < now() - ${age}::interval order by ${ended} limit ${rowsInBatch} for update skip locked
    ))`.execute(database);
  return Number(numAffectedRows ?? 0n);
}

/** Certificates are in the model, so taking them out is a change of it; openvpn has refused them since they expired. */
async function deleteExpiredCertificates(store: Store): Promise<number> {
  return await inModelTransaction(store, systemActor, async (change) => {
    const { numDeletedRows } = await change.trx
      .deleteFrom('certificate')
      .where('serial', 'in', (query) =>
        query
          .selectFrom('certificate')
          .select('serial')
          .where('not_after', '<', sql<Date>`now() - ${expiredCertificatesKept}::interval`)
          // The last one of an agent says which key is the connector's: with it an agent that was away for months gets a new one.
          .where((where) =>
            where.or([
              where('agent_certificate', 'is', null),
              where('revoked_at', 'is not', null),
              where('connector_id', 'is', null),
              sql<boolean>`exists (select from certificate later where later.connector_id = certificate.connector_id
                and later.agent_certificate is not null and later.revoked_at is null
                and (later.not_after, later.serial) > (certificate.not_after, certificate.serial))`,
            ]),
          )
          .limit(rowsInBatch),
      )
      .executeTakeFirstOrThrow();
    const count = Number(numDeletedRows);
    if (count > 0) change.record({ entity: 'certificate', entityId: 'expired', action: 'swept', before: { count } });
    return count;
  });
}
