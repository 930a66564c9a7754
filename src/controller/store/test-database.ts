/**
 * A real PostgreSQL for tests: `await using database = await testDatabase()` gives a fresh, migrated database of its own in about 50 ms.
 * The test processes of one run share a server, which the first one starts (test-postgres-keeper.ts) and which ends by itself when no
 * process uses it any more, however those ended. Measured: one server per test process costs 0.6-0.8 s each, the shared one 0.05 s.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectionString } from '../../postgres/embedded-postgres.ts';
import { openPool } from './database.ts';
import type { Store } from './store.ts';
import { openStore } from './store.ts';
import { keeperAddress, templateDatabase } from './test-postgres-protocol.ts';

export type TestDatabase = AsyncDisposable & {
  readonly store: Store;
  readonly connectionString: string;
  readonly name: string;
  /** Closes the store and drops the database; fails if a connection of the test was left open. */
  readonly close: () => Promise<void>;
};

/** testDatabase makes a database with the current schema (or an empty one, for the migrator's own tests). */
export async function testDatabase(options: { readonly template?: 'migrated' | 'empty' } = {}): Promise<TestDatabase> {
  const server = await useServer();
  const name = `test_${String(process.pid)}_${randomBytes(4).toString('hex')}`;
  const template = options.template === 'empty' ? 'template0' : templateDatabase;
  await administer(server.socketDir, `create database ${name} template ${template} owner causeway`);
  const address = connectionString(server.socketDir, name);
  const store = openStore({ connectionString: address, maxConnections: 5 });
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await store.close();
    try {
      await dropWhenUnused(server.socketDir, name);
    } finally {
      server.release();
    }
  };
  return { store, connectionString: address, name, close, [Symbol.asyncDispose]: close };
}

type Server = { readonly socketDir: string; readonly release: () => void };

/** The open connection to the keeper is the claim on the server; the kernel closes it even when this process is killed. */
async function useServer(): Promise<Server> {
  const giveUpAt = performance.now() + 60_000;
  let keeper: ChildProcess | undefined;
  for (;;) {
    const socket = await connectKeeper();
    if (socket === undefined) {
      // Several processes may do this at once: one of the keepers gets the address, the others end. Each starts one at a time: on a busy
      // machine a keeper takes seconds until it listens, and one more every 20 ms makes it busier still.
      if (keeper === undefined || keeper.exitCode !== null || keeper.signalCode !== null) keeper = startKeeper();
      await delay(20);
    } else {
      const line = await firstLine(socket);
      if (line?.startsWith('ready ') === true) {
        socket.unref();
        return { socketDir: line.slice('ready '.length), release: () => socket.destroy() };
      }
      socket.destroy();
      if (line !== undefined) throw new Error(`starting PostgreSQL for tests: ${line}`);
    }
    if (performance.now() > giveUpAt) throw new Error('starting PostgreSQL for tests: no server within 60 s');
  }
}

function startKeeper(): ChildProcess {
  const keeper = spawn(process.execPath, [path.join(import.meta.dirname, 'test-postgres-keeper.ts')], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  });
  keeper.unref();
  return keeper;
}

async function connectKeeper(): Promise<net.Socket | undefined> {
  return await new Promise((resolve) => {
    const socket = net.connect(keeperAddress());
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

/** undefined: the keeper ended before it said anything, which happens when it was just leaving. */
async function firstLine(socket: net.Socket): Promise<string | undefined> {
  return await new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => resolve(undefined));
  });
}

async function administer(socketDir: string, text: string): Promise<void> {
  const pool = openPool({
    connectionString: `postgres:///postgres?host=${encodeURIComponent(socketDir)}&user=postgres`,
    maxConnections: 1,
  });
  try {
    await pool.query(text);
  } finally {
    await pool.end();
  }
}

/** A connection that was just closed takes the server a moment to forget; one that stays is a leak of the test. */
async function dropWhenUnused(socketDir: string, name: string): Promise<void> {
  const giveUpAt = performance.now() + 5_000;
  for (;;) {
    try {
      await administer(socketDir, `drop database ${name}`);
      return;
    } catch (error) {
      if (performance.now() < giveUpAt) {
        await delay(20);
        continue;
      }
      await administer(socketDir, `drop database ${name} with (force)`);
      throw new Error(`the test left a connection to its database open: ${String(error)}`, { cause: error });
    }
  }
}
