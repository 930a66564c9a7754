import type { ServerResponse } from 'node:http';
import { eventHeartbeat_ms } from '../../contract/api/event.ts';
import { CausewayError } from '../../contract/errors.ts';
import type { Store } from '../store/store.ts';
import type { WakeUp } from '../store/wake-up.ts';
import { eventsSince, shownEvent } from './events.ts';
import type { StreamHolder } from './stream-holder.ts';
import { standingOf } from './stream-holder.ts';
import { StreamReader } from './stream-reader.ts';
import type { Frame } from './stream-reader.ts';

export type FeedOptions = {
  readonly store: Store;
  readonly wakeUp: Pick<WakeUp, 'position' | 'subscribe'>;
  readonly onTrouble: (error: unknown) => void;
  readonly heartbeat_ms?: number;
  /** A reader that takes nothing for this long is cut. */
  readonly stalled_ms?: number;
  /** Events in one query and one write. */
  readonly batch?: number;
  /** Streams of one credential, and of all together. */
  readonly mostOfOne?: number;
  readonly mostOfAll?: number;
};

/** Twelve tabs, with room for those whose end has not been noticed yet; 1,000 administrators. */
const defaults = { heartbeat_ms: eventHeartbeat_ms, stalled_ms: 30_000, batch: 500, mostOfOne: 64, mostOfAll: 2_000 };

/**
 * EventFeed sends the events to every open stream. One round at a time: first whoever holds a stream without right any more is ended, then
 * events are read from the place of the reader that is furthest behind, in batches that all readers share; so a round costs one query for
 * the credentials and one for each batch, however many streams there are. Rounds begin when events are there, when a reader comes or
 * takes again, when a credential's time is over, and with each heartbeat.
 */
export class EventFeed {
  readonly #options: FeedOptions & typeof defaults;
  readonly #readers = new Set<StreamReader>();
  readonly #unsubscribe: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #nextEnd: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: FeedOptions) {
    this.#options = { ...defaults, ...options };
    this.#unsubscribe = options.wakeUp.subscribe(() => this.#wake());
    this.#heartbeat = setInterval(() => this.#beat(), this.#options.heartbeat_ms);
    this.#heartbeat.unref();
  }

  /** How many streams are open. */
  get size(): number {
    return this.#readers.size;
  }

  /** Throws `rate-limited` where the holder, or all together, have as many streams as they may. To be asked before an answer is begun. */
  admit({ kind, key }: StreamHolder): void {
    const { mostOfOne, mostOfAll } = this.#options;
    const own = [...this.#readers].filter(({ holder }) => holder.kind === kind && holder.key === key).length;
    if (own < mostOfOne && this.#readers.size < mostOfAll) return;
    const [whose, most] = own < mostOfOne ? ['All together', mostOfAll] : ['This credential', mostOfOne];
    throw new CausewayError(
      'rate-limited',
      `${whose} may hold ${String(most)} streams of events at once, and so many are open. Close one that is not read, or share one.`,
    );
  }

  /**
   * open begins a stream after event `from` (undefined: with what happens next) on an answer whose head is written. A place that is beyond
   * the last event, or that nobody has given out, is answered with `reset`.
   */
  open(response: ServerResponse, holder: StreamHolder, from: number | undefined): void {
    const reader = new StreamReader(response, {
      holder,
      from: from ?? this.#options.wakeUp.position().eventSeq,
      onDrained: () => this.#wake(),
      onClosed: () => this.#readers.delete(reader),
    });
    this.#readers.add(reader);
    this.#wake();
  }

  /** close ends every stream in order; resolves when nothing is read any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    clearInterval(this.#heartbeat);
    clearTimeout(this.#nextEnd);
    for (const reader of this.#readers) reader.end();
    await this.#round;
  }

  #wake(): void {
    if (this.#closed) return;
    if (this.#round !== undefined) {
      this.#again = true;
      return;
    }
    this.#round = this.#serve()
      // Readers stay where they are; the next heartbeat tries again.
      .catch((error: unknown) => this.#options.onTrouble(error))
      .finally(() => {
        this.#round = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.#wake();
      });
  }

  async #serve(): Promise<void> {
    // Who comes during a round is served by the next one, so that nobody is sent anything without having been looked at.
    const readers = [...this.#readers];
    if (readers.length === 0) return;
    await this.#endWithdrawn(readers);
    await this.#putBack(readers);
    for (;;) {
      const head = this.#options.wakeUp.position().eventSeq;
      const behind = readers.filter((reader) => reader.isTaking && reader.place < head);
      if (behind.length === 0 || this.#closed) return;
      const lowest = behind.reduce((low, { place }) => Math.min(low, place), head);
      const frames = await this.#frames(lowest);
      // Those whose place is behind the batch are served by one of the next.
      const end = frames.at(-1)?.seq ?? head;
      for (const reader of behind) if (reader.isTaking && reader.place < end) reader.take(frames, head);
    }
  }

  async #frames(after: number): Promise<Frame[]> {
    const rows = await eventsSince(this.#options.store.database, after, this.#options.batch);
    return rows.map((row) => ({ seq: row.seq, text: `id: ${String(row.seq)}\ndata: ${JSON.stringify(shownEvent(row))}\n\n` }));
  }

  async #endWithdrawn(readers: readonly StreamReader[]): Promise<void> {
    const standing = await standingOf(
      this.#options.store.database,
      readers.map(({ holder }) => holder),
    );
    const now_ms = Date.now();
    let next_ms = Number.POSITIVE_INFINITY;
    for (const reader of readers) {
      const until = standing(reader.holder);
      if (until === undefined) reader.end();
      else if (until !== null) next_ms = Math.min(next_ms, until.getTime() - now_ms);
    }
    clearTimeout(this.#nextEnd);
    // What is further away is seen again with the next heartbeat. The database's clock decides, so ours may come a little early.
    if (next_ms <= this.#options.heartbeat_ms) this.#nextEnd = setTimeout(() => this.#wake(), Math.max(next_ms, 50)).unref();
  }

  /** Another controller may know of events before this one does, so the tables say whether a place is beyond the last event. */
  async #putBack(readers: readonly StreamReader[]): Promise<void> {
    const known = this.#options.wakeUp.position().eventSeq;
    const beyond = readers.filter((reader) => reader.isTaking && reader.place > known);
    if (beyond.length === 0) return;
    const { event_seq } = await this.#options.store.database.selectFrom('wpc').select('event_seq').executeTakeFirstOrThrow();
    for (const reader of beyond) if (reader.place > event_seq) reader.reset(event_seq);
  }

  #beat(): void {
    const now = performance.now();
    for (const reader of this.#readers) reader.beat(now, this.#options.stalled_ms);
    this.#wake();
  }
}
