import type { Logger } from 'pino';
import type { CannotStart, ControllerStart } from '../contract/controller-start.ts';
import { openPool } from './store/database.ts';
import { isDatabaseUnavailable } from './store/database-trouble.ts';
import { migrate, readMigrations, SchemaRefusal } from './store/migrate.ts';
import type { Migration, PendingMigrations } from './store/migrate.ts';
import type { NewEvent } from './store/model-transaction.ts';
import { whenReachable } from './store/when-reachable.ts';
import type { SupervisorLink } from './supervisor-link.ts';

/** PostgreSQL is up in 0.03 s, or 0.6 s with a new cluster; after a crash of the machine recovery takes longer. */
const databasePatience_ms = 60_000;

/** A database that ends each time when it is migrated is not only restarted by somebody; a log that does not fit on its disk does that. */
const mostTries = 2;

/** Upgraded is what an upgrade has done to a database that held something. */
export type Upgraded = {
  readonly previousVersion: string | null;
  readonly migrations: readonly string[];
  /** Null: the operator wanted none. */
  readonly backup: string | null;
};

/** StartRefused ends the controller for good: its supervisor says why, and starting it again would change nothing. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  readonly told: CannotStart;

  constructor(told: CannotStart, cause: unknown) {
    super(told.sentence, { cause });
    this.told = told;
  }
}

type Options = {
  readonly start: Pick<ControllerStart, 'database' | 'upgrade'>;
  readonly supervisor: SupervisorLink;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

/**
 * prepareSchema brings the database to this program's schema (store/migrate.ts) as soon as it can be reached, and tells the supervisor. A
 * database that holds something is backed up first, by the supervisor; without that backup it is left as it is. Gives what was done
 * to it, undefined where nothing was to do. Rejects with StartRefused for everything but a database that cannot be reached.
 */
export async function prepareSchema({ start, supervisor, log, signal }: Options): Promise<Upgraded | undefined> {
  const pool = openPool({ connectionString: start.database, maxConnections: 1 });
  const migrations = await readMigrations();
  let upgraded: Upgraded | undefined;
  let tries = 0;
  try {
    const beforeChange = async (what: PendingMigrations): Promise<void> => {
      tries += 1;
      if (tries > mostTries) throw new Error(lostText(what));
      // The database was lost in the middle of the first try, which changed nothing: the backup still holds all.
      if (upgraded !== undefined) return;
      const backup = await backUpBefore(what, start.upgrade, supervisor, signal);
      upgraded = { previousVersion: start.upgrade?.previousVersion ?? null, migrations: what.pending, backup };
    };
    const result = await whenReachable(async () => await migrate(pool, migrations, beforeChange), {
      patience_ms: databasePatience_ms,
      signal,
      onWait: (error) => log.warn({ err: error }, 'the database cannot be reached yet; trying again'),
    });
    if (result.applied.length > 0) log.info({ migrations: result.applied }, 'brought the database to the current schema');
    if (result.unknown.length > 0)
      log.warn({ migrations: result.unknown }, 'the database has changes of a newer version; going on');
    const { rows } = await pool.query<{ server_version: string }>('show server_version');
    const server = rows[0]?.server_version ?? 'unknown';
    supervisor.tell({ kind: 'schema', schema: result.schema, applied: [...result.applied], server });
    return result.applied.length > 0 ? upgraded : undefined;
  } catch (error) {
    if (signal.aborted || isDatabaseUnavailable(error)) throw error;
    throw new StartRefused(refusalOf(error, migrations), error);
  } finally {
    await pool.end();
  }
}

/** upgradedEvent is how people see it in Activity. */
export function upgradedEvent({ previousVersion, migrations, backup }: Upgraded, version: string): NewEvent {
  return {
    topic: 'installation.upgraded',
    entity: 'installation',
    entityId: version,
    payload: { from: previousVersion, to: version, migrations, backup },
  };
}

async function backUpBefore(
  { pending, schema }: PendingMigrations,
  upgrade: ControllerStart['upgrade'],
  supervisor: SupervisorLink,
  signal: AbortSignal,
): Promise<string | null> {
  const what = `bringing the database to the schema of this version (${pending.join(', ')})`;
  if (upgrade === undefined) {
    throw new Error(
      `${what}: the supervisor is of an earlier version and makes no backup; stop "causeway up" and start it again`,
    );
  }
  if (!upgrade.backUpFirst) return null;
  const answer = await supervisor.backUp({ kind: 'back-up-first', pending: [...pending], schema }, signal);
  switch (answer.kind) {
    case 'backed-up':
      return answer.file;
    case 'not-backed-up':
      throw new Error(
        `${what}: no backup could be made before it, so nothing was changed (${answer.why.replace(/\.$/, '')}); ` +
          'mend that, or start once with --migrate-without-backup',
      );
  }
}

function lostText({ pending }: PendingMigrations): string {
  return (
    `bringing the database to the schema of this version (${pending.join(', ')}): the database server ended ${String(mostTries)} times ` +
    'in the middle of it, and its lines in the log say why, most often a full disk; the schema stays as it was'
  );
}

function refusalOf(error: unknown, migrations: readonly Migration[]): CannotStart {
  const text = error instanceof Error ? error.message : String(error);
  const sentence =
    text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 4000) || 'the database could not be brought to the schema of this version';
  if (error instanceof SchemaRefusal && error.code === 'newer-schema') {
    return { kind: 'cannot-start', code: 'newer-schema', sentence, schema: migrations.at(-1)?.name ?? '' };
  }
  return { kind: 'cannot-start', code: 'other', sentence };
}
