import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { clientConfig } from './database.ts';
import type { Store } from './store.ts';
import { changeChannel } from './store.ts';

/** Position says how far the tables have come: a reader that has read up to here has everything. */
export type Position = { readonly revision: number; readonly eventSeq: number };

/** WakeUp tells readers that there is something new; they then read the tables, which are the truth. */
export type WakeUp = {
  /** The last known position; behind the tables by one poll at most. */
  readonly position: () => Position;
  /** Calls `listener` whenever the position has moved on; gives the function that ends it. */
  readonly subscribe: (listener: (position: Position) => void) => () => void;
  /** Resolves when the position is beyond `seen`, at once if it already is; resolves anyway after `wait_ms` or when aborted. */
  readonly waitBeyond: (seen: Partial<Position>, wait_ms: number, signal?: AbortSignal) => Promise<Position>;
  readonly close: () => Promise<void>;
};

export type WakeUpOptions = {
  readonly connectionString: string;
  /** A lost NOTIFY costs at most this long. */
  readonly poll_ms?: number;
  readonly onTrouble?: (error: unknown) => void;
};

/** Doubling from the first to the last: as patient as a server's restart needs. */
const reconnect_ms = { first: 100, last: 5_000 };

/**
 * startWakeUp listens on a connection of its own and polls beside it. States: connecting -> listening -> (connection lost) -> waiting ->
 * connecting ...; in every state the poll goes on, so that a missed NOTIFY is only a delay. Resolves after the first look at the
 * tables; rejects if that fails.
 */
export async function startWakeUp(store: Store, options: WakeUpOptions): Promise<WakeUp> {
  const poll_ms = options.poll_ms ?? 5_000;
  const listeners = new Set<(position: Position) => void>();
  const closing = new AbortController();
  let position = await readPosition(store);
  let looking: Promise<void> | undefined;
  let lookAgain = false;

  const lookOnce = async (): Promise<void> => {
    const now = await readPosition(store);
    if (now.revision <= position.revision && now.eventSeq <= position.eventSeq) return;
    position = now;
    for (const listener of listeners) listener(now);
  };
  /** One look at a time; a call during a look makes another one follow, since that look may have begun too early. */
  const look = (): void => {
    if (closing.signal.aborted) return;
    if (looking !== undefined) {
      lookAgain = true;
      return;
    }
    looking = lookOnce()
      .catch((error: unknown) => options.onTrouble?.(error))
      .finally(() => {
        looking = undefined;
        if (lookAgain) {
          lookAgain = false;
          look();
        }
      });
  };

  const timer = setInterval(look, poll_ms);
  timer.unref();
  const listening = listen(options, closing.signal, look);

  return {
    position: () => position,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    waitBeyond: async (seen, wait_ms, signal) => {
      const isBeyond = (at: Position): boolean =>
        (seen.revision !== undefined && at.revision > seen.revision) ||
        (seen.eventSeq !== undefined && at.eventSeq > seen.eventSeq);
      if (isBeyond(position)) return position;
      return await new Promise<Position>((resolve) => {
        const end = (): void => {
          clearTimeout(limit);
          listeners.delete(listener);
          signal?.removeEventListener('abort', end);
          closing.signal.removeEventListener('abort', end);
          resolve(position);
        };
        const listener = (at: Position): void => {
          if (isBeyond(at)) end();
        };
        const limit = setTimeout(end, wait_ms);
        listeners.add(listener);
        signal?.addEventListener('abort', end);
        closing.signal.addEventListener('abort', end);
        if (signal?.aborted === true || closing.signal.aborted) end();
      });
    },
    close: async () => {
      clearInterval(timer);
      closing.abort();
      await listening;
      await looking;
    },
  };
}

async function readPosition(store: Store): Promise<Position> {
  const row = await store.database.selectFrom('wpc').select(['revision', 'event_seq']).executeTakeFirstOrThrow();
  return { revision: row.revision, eventSeq: row.event_seq };
}

/** Keeps a LISTEN connection until aborted. `look` is called after each connect too: what was announced meanwhile was not heard. */
async function listen(options: WakeUpOptions, closing: AbortSignal, look: () => void): Promise<void> {
  let pause_ms = reconnect_ms.first;
  while (!closing.aborted) {
    const client = new pg.Client({ ...clientConfig(options.connectionString), keepAlive: true });
    const lost = new Promise<void>((resolve) => {
      client.on('error', (error) => {
        options.onTrouble?.(error);
        resolve();
      });
      client.on('end', () => resolve());
      closing.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', look);
    try {
      await client.connect();
      await client.query(`listen ${changeChannel}`);
      pause_ms = reconnect_ms.first;
      look();
      await lost;
    } catch (error) {
      options.onTrouble?.(error);
    }
    // A connection that is already broken cannot be ended in order.
    await client.end().catch(() => undefined);
    if (closing.aborted) return;
    await delay(pause_ms, undefined, { signal: closing }).catch(() => undefined);
    pause_ms = Math.min(pause_ms * 2, reconnect_ms.last);
  }
}
