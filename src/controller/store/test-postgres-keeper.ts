/**
 * The keeper starts one PostgreSQL for all test processes of a run (test-database.ts) and ends it when the last one has let go. Started by
 * test processes, never by hand. It answers each connection with `ready SOCKETDIR` or with one line that says what is wrong.
 */
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres, connectionString } from '../../postgres/embedded-postgres.ts';
import type { EmbeddedPostgres } from '../../postgres/embedded-postgres.ts';
import { stopLeftoverServer } from '../../postgres/leftover-server.ts';
import { openPool } from './database.ts';
import { migrate, readMigrations } from './migrate.ts';
import { keeperAddress, templateDatabase } from './test-postgres-protocol.ts';

/** Long enough to bridge the gap between two test files, short enough that nothing is left when the run's caller looks. */
const linger_ms = 2_000;
const directoryPrefix = `cw-test-pg-${String(process.getuid?.() ?? 0)}-`;

const clients = new Set<net.Socket>();
let leaving: NodeJS.Timeout | undefined;
let directory: string | undefined;
let server: EmbeddedPostgres | undefined;
let answer: string | undefined;

const listener = net.createServer((socket) => {
  clients.add(socket);
  clearTimeout(leaving);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clients.delete(socket);
    leaveSoon();
  });
  if (answer !== undefined) socket.write(answer);
});
// Another process was faster: it keeps the server.
listener.on('error', () => process.exit(0));
listener.listen(keeperAddress(), () => void start());
process.on('SIGTERM', () => void leave());
process.on('SIGINT', () => void leave());

async function start(): Promise<void> {
  try {
    await sweepDeadRuns();
    const user = process.getuid?.() === 0 ? { name: 'nobody', uid: 65534, gid: 65534 } : undefined;
    directory = await mkdtemp(path.join(os.tmpdir(), `${directoryPrefix}${String(process.pid)}-`));
    await chmod(directory, 0o711);
    if (user !== undefined) await chown(directory, user.uid, user.gid);
    server = await startEmbeddedPostgres({
      dataDir: path.join(directory, 'data'),
      socketDir: path.join(directory, 's'),
      libraryDir: path.join(directory, 'lib'),
      durable: false,
      settings: { max_connections: '200' },
      ...(user === undefined ? {} : { user }),
    });
    void server.exited.then(() => leave());
    await makeTemplate(server.socketDir);
    answer = `ready ${server.socketDir}\n`;
  } catch (error) {
    answer = `${error instanceof Error ? error.message : String(error)}\n`.replaceAll(/\n(?=.)/g, ' | ');
  }
  for (const client of clients) client.write(answer);
  leaveSoon();
}

async function makeTemplate(socketDir: string): Promise<void> {
  const maintenance = openPool({ connectionString: `postgres:///postgres?host=${encodeURIComponent(socketDir)}&user=postgres` });
  await maintenance.query(`create database ${templateDatabase} owner causeway`);
  await maintenance.end();
  const pool = openPool({ connectionString: connectionString(socketDir, templateDatabase) });
  await migrate(pool, await readMigrations());
  await pool.end();
}

/** A keeper that was killed leaves its server running and its directory lying; the directory's name tells whose it is. */
async function sweepDeadRuns(): Promise<void> {
  for (const name of await readdir(os.tmpdir())) {
    const owner = name.startsWith(directoryPrefix) ? Number(name.slice(directoryPrefix.length).split('-', 1)[0]) : Number.NaN;
    if (!Number.isInteger(owner) || isAlive(owner)) continue;
    const left = path.join(os.tmpdir(), name);
    await stopLeftoverServer(path.join(left, 'data')).catch(() => undefined);
    await rm(left, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function leaveSoon(): void {
  clearTimeout(leaving);
  if (clients.size === 0 && answer !== undefined) leaving = setTimeout(() => void leave(), linger_ms);
}

let left = false;
async function leave(): Promise<void> {
  if (left) return;
  left = true;
  // The address first: whoever comes now starts a keeper of its own.
  listener.close();
  for (const client of clients) client.destroy();
  await server?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  process.exit(0);
}
