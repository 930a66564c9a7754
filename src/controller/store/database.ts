/**
 * src/controller/store is everything that speaks SQL: schema, migrations, transactions of the model, what wakes readers up.
 * Every test here runs on a real PostgreSQL: `node --test 'src/controller/store/*.test.ts'` (test-database.ts starts one).
 */
import { Kysely, PostgresDialect } from 'kysely';
import type { LogEvent, Transaction } from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.ts';

/** Database is the pool. Functions that only read take `Reader`, so that they run inside a transaction as well. */
export type Database = Kysely<Schema>;
export type ModelTrx = Transaction<Schema>;
export type Reader = Database | ModelTrx;

export type DatabaseOptions = {
  /** As libpq writes it; a unix socket is `postgres:///NAME?host=/DIR&user=ROLE`. */
  readonly connectionString: string;
  readonly maxConnections?: number;
  /** Told when an idle connection breaks (the server was restarted). The pool has already replaced it; nothing needs to be done. */
  readonly onConnectionLost?: (error: Error) => void;
  /** Told of each statement how long it took, and whether it failed. */
  readonly onQuery?: (took_ms: number, failed: boolean) => void;
};

/** OpenDatabase is the database with how its pool is used. */
export type OpenDatabase = { readonly database: Database; readonly pool: () => PoolUse };

/** PoolUse is how many connections are open, how many of them have nothing to do, and how many queries wait for one. */
export type PoolUse = { readonly open: number; readonly idle: number; readonly waiting: number };

/** openDatabase makes the pool without connecting: the first query does, and fails where the server is not reachable. */
export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const pool = openPool(options);
  const { onQuery } = options;
  const log = (event: LogEvent) => onQuery?.(event.queryDurationMillis, event.level === 'error');
  return {
    database: new Kysely<Schema>({ dialect: new PostgresDialect({ pool }), ...(onQuery === undefined ? {} : { log }) }),
    pool: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  };
}

/** openPool is for the few who need plain SQL text: the migrator and the tests' database. */
export function openPool(options: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(options.connectionString),
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    // Longer than any statement of ours takes; a bound so that a forgotten lock does not stop the product for ever.
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
  });
  // Without a listener an idle connection that breaks would end the process.
  pool.on('error', (error) => options.onConnectionLost?.(error));
  // The pool listens to idle connections only. One that breaks between two queries of a transaction says so on itself; the next query fails.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** clientConfig reads a connection string and sets how values come out: int8 as a number, cidr and inet as their canonical text. */
export function clientConfig(connectionString: string): pg.ClientConfig {
  return { connectionString, types: { getTypeParser }, application_name: 'causeway' };
}

/** PostgreSQL's OID of bigint, which the driver hands out as text because it may not fit. */
const int8Oid = 20;

const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (oid: number, format?: 'text' | 'binary') => {
  if (oid === int8Oid && format !== 'binary') return parseInt8;
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
};

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the database holds ${text}, which is beyond exact integers`);
  return value;
}
