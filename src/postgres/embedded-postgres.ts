/**
 * src/postgres runs the private PostgreSQL server: prepare its binaries, make a cluster, start it, know when it is ready, stop it.
 * Shared by the supervisor and by the tests' database; it knows nothing of Causeway's schema. No TCP, only a unix socket.
 * Tests: `node --test 'src/postgres/*.test.ts'`.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chown, mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { packageDirectory, prepareBinaries } from './binaries.ts';
import type { PostgresBinaries } from './binaries.ts';
import { createCluster, writeAccessRules } from './cluster.ts';
import type { ServerUser } from './cluster.ts';
import { stopLeftoverServer } from './leftover-server.ts';

export type EmbeddedPostgresOptions = {
  /** The cluster; made when it does not exist. Its parent directory has to exist, and the server's user has to be able to enter it. */
  readonly dataDir: string;
  /** Where the socket lies; at most 90 bytes, since a socket's path may have 107. Made (0750) when it does not exist. */
  readonly socketDir: string;
  /** Where the links for LD_LIBRARY_PATH are kept; readable by the server's user. */
  readonly libraryDir: string;
  /** The unprivileged user that the server runs as. Needed when the caller is root; left out otherwise. */
  readonly user?: ServerUser;
  /** Installed package with the binaries; by default found from this file. */
  readonly packageDir?: string;
  /** false turns fsync off: for tests, whose data may be lost. */
  readonly durable: boolean;
  /** Further server settings. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Receives each line that the server writes. */
  readonly log?: (line: string) => void;
};

/** Why a server's process ended. */
export type PostgresExit = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly logTail: readonly string[];
};

export type EmbeddedPostgres = {
  readonly pid: number;
  readonly socketDir: string;
  /** Settles when the process ends, for whatever reason; never rejects. The caller decides whether to start it again. */
  readonly exited: Promise<PostgresExit>;
  /** Ends the server in order (checkpoint, then exit); sessions are cut. Safe to call twice. Kills it after 20 s. */
  readonly stop: () => Promise<void>;
};

/** The role that owns the database and that everybody but maintenance connects as; it is no superuser. */
export const applicationRole = 'causeway';
export const applicationDatabase = 'causeway';
/** The superuser: only the server's own user, root and the process that started it may become it (peer). */
export const maintenanceRole = 'postgres';

/**
 * startEmbeddedPostgres starts the server on `dataDir` and resolves when it accepts connections and the application's role and database
 * exist. Idempotent towards what lies on disk: a missing cluster is made (in a directory beside it that is renamed when complete, so
 * that a half-made one is never used), a server that an earlier, dead caller has left running is stopped first. Rejects, with the
 * last lines of the server's log, when it does not get ready; nothing is left running then.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  if (Buffer.byteLength(options.socketDir) > 90) {
    throw new Error(
      `starting PostgreSQL: the socket directory ${options.socketDir} is longer than 90 bytes; choose a shorter one`,
    );
  }
  const binaries = await prepareBinaries(options.packageDir ?? packageDirectory(), options.libraryDir);
  await stopLeftoverServer(options.dataDir);
  await createCluster({ binaries, dataDir: options.dataDir, user: options.user, durable: options.durable });
  await writeAccessRules({
    dataDir: options.dataDir,
    user: options.user,
    applicationRole,
    maintenanceRole,
    starter: os.userInfo().username,
  });
  await mkdir(options.socketDir, { recursive: true, mode: 0o750 });
  if (options.user !== undefined) await chown(options.socketDir, options.user.uid, options.user.gid);

  const giveUpAt = performance.now() + 30_000;
  for (;;) {
    const server = launch(binaries, options);
    try {
      await waitUntilReady(server, giveUpAt);
      await ensureApplicationDatabase(server);
      return server;
    } catch (cause) {
      await server.stop();
      const { logTail } = await server.exited;
      // After a kill -9 of the postmaster its children need a moment to notice; until then the new one refuses to start.
      const predecessorStillEnding = logTail.some((line) => line.includes('pre-existing shared memory block'));
      if (predecessorStillEnding && performance.now() < giveUpAt) {
        await delay(50);
        continue;
      }
      throw new Error(`starting PostgreSQL in ${options.dataDir}: ${logTail.slice(-5).join(' | ') || String(cause)}`, { cause });
    }
  }
}

function launch(binaries: PostgresBinaries, options: EmbeddedPostgresOptions): EmbeddedPostgres {
  const settings: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: options.socketDir,
    unix_socket_permissions: '0770',
    // The controller keeps one pool of ten and one listener; the rest is for maintenance. Fewer slots, less shared memory.
    max_connections: '60',
    shared_buffers: '32MB',
    max_wal_senders: '0',
    wal_level: 'minimal',
    jit: 'off',
    // Tables here are small and written often: the standard fifth of a table of 100,000 events is waited for too long, and a whole table is read in
    // a moment.
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.05',
    // What is deleted in one sweep is found in one pass over the indexes; three workers of 64 MB each would be more than all the rest.
    autovacuum_max_workers: '2',
    autovacuum_work_mem: '16MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '',
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  const child = spawn(
    binaries.postgres,
    ['-D', options.dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      cwd: '/',
      env: { LD_LIBRARY_PATH: binaries.libraryPath, LC_ALL: 'C', PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'ignore', 'pipe'],
      // A session of its own: Ctrl-C in the terminal of the caller must not end the database before those who use it.
      detached: true,
      ...(options.user === undefined ? {} : { uid: options.user.uid, gid: options.user.gid }),
    },
  );
  const logTail: string[] = [];
  collectLines(child, (line) => {
    logTail.push(line);
    if (logTail.length > 20) logTail.shift();
    options.log?.(line);
  });
  const exited = new Promise<PostgresExit>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, logTail: [...logTail, error.message] }));
    child.once('close', (code, signal) => resolve({ code, signal, logTail }));
  });
  return { pid: child.pid ?? 0, socketDir: options.socketDir, exited, stop: () => stopChild(child, exited) };
}

function collectLines(child: ChildProcess, take: (line: string) => void): void {
  let rest = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}

async function stopChild(child: ChildProcess, exited: Promise<PostgresExit>): Promise<void> {
  // "Fast shutdown": sessions are cut, a checkpoint is written.
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await exited;
  clearTimeout(timer);
}

async function waitUntilReady(server: EmbeddedPostgres, giveUpAt: number): Promise<void> {
  let ended = false;
  void server.exited.then(() => {
    ended = true;
  });
  for (;;) {
    const client = new pg.Client({ host: server.socketDir, user: maintenanceRole, database: 'postgres' });
    // The server may be killed while we connect; without a listener that would end this process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      if (ended) throw new Error('the server ended before it was ready', { cause });
      if (performance.now() > giveUpAt) throw new Error('the server was not ready in time', { cause });
      await delay(10);
    }
  }
}

async function ensureApplicationDatabase(server: EmbeddedPostgres): Promise<void> {
  const client = new pg.Client({ host: server.socketDir, user: maintenanceRole, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const roles = await client.query('select from pg_roles where rolname = $1', [applicationRole]);
    if (roles.rowCount === 0) await client.query(`create role ${applicationRole} login`);
    const databases = await client.query('select from pg_database where datname = $1', [applicationDatabase]);
    if (databases.rowCount === 0) await client.query(`create database ${applicationDatabase} owner ${applicationRole}`);
  } finally {
    await client.end();
  }
}

/** connectionString is how the application reaches its database on this server: for DATABASE_URL and the controller's start message. */
export function connectionString(socketDir: string, database: string = applicationDatabase): string {
  return `postgres:///${encodeURIComponent(database)}?host=${encodeURIComponent(path.resolve(socketDir))}&user=${applicationRole}`;
}
