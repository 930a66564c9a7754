import { sql } from 'kysely';
import type { BackupSchedule } from '../contract/backup-schedule.ts';
import { systemActor } from '../controller/principal.ts';
import type { Actor } from '../controller/principal.ts';
import { appendEvents, recordAudit } from '../controller/store/model-transaction.ts';
import type { BackupKind } from '../controller/store/schema.ts';
import { openStore } from '../controller/store/store.ts';
import type { Store } from '../controller/store/store.ts';

/** FinishedRun is one backup that was made, or was not. */
export type FinishedRun = {
  readonly kind: BackupKind;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly file: string;
  readonly outcome: { readonly bytes: number } | { readonly error: string };
};

/** How long what was done is kept in the database: as long as the audit. */
const keptDays = 400;

const localRoot: Actor = { principal: { kind: 'local-root' }, sourceAddress: null, requestId: null };

/** recordRun tells the controller: a row for status and metrics, an event, and in the audit who has got a copy of everything. */
export async function recordRun(databaseUrl: string, run: FinishedRun): Promise<void> {
  await withStore(databaseUrl, async (store) => {
    const { kind, file, outcome } = run;
    const made = 'bytes' in outcome;
    const action = made ? 'created' : 'failed';
    const entityId = await store.database.transaction().execute(async (trx) => {
      const { id } = await trx
        .insertInto('backup_run')
        .values({
          kind,
          file,
          started_at: run.startedAt,
          ended_at: run.endedAt,
          bytes: made ? outcome.bytes : null,
          error: made ? null : outcome.error,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      await trx
        .deleteFrom('backup_run')
        .where('started_at', '<', sql<Date>`now() - make_interval(days => ${keptDays})`)
        .execute();
      const actor = kind === 'scheduled' ? systemActor : localRoot;
      await recordAudit(trx, actor, [{ entity: 'backup', entityId: String(id), action, after: { kind, file, ...outcome } }]);
      return String(id);
    });
    await appendEvents(store, [{ topic: `backup.${action}`, entity: 'backup', entityId, payload: { kind, file, ...outcome } }]);
  });
}

/** recordSchedule tells the controller what is expected from now on; null: nothing. */
export async function recordSchedule(databaseUrl: string, schedule: BackupSchedule | null): Promise<void> {
  await withStore(databaseUrl, async (store) => {
    await store.database.transaction().execute(async (trx) => {
      await trx.deleteFrom('backup_schedule').execute();
      if (schedule !== null) {
        const { everySeconds, keep, directory, setAt } = schedule;
        await trx
          .insertInto('backup_schedule')
          .values({ every_s: everySeconds, keep, directory, set_at: new Date(setAt) })
          .execute();
      }
      const after =
        schedule === null ? null : { everySeconds: schedule.everySeconds, keep: schedule.keep, directory: schedule.directory };
      const action = schedule === null ? 'unscheduled' : 'scheduled';
      await recordAudit(trx, localRoot, [{ entity: 'backup', entityId: 'schedule', action, after }]);
    });
  });
}

async function withStore(databaseUrl: string, use: (store: Store) => Promise<void>): Promise<void> {
  const store = openStore({ connectionString: databaseUrl, maxConnections: 1 });
  try {
    await use(store);
  } finally {
    await store.close();
  }
}
