import type { ServerResponse } from 'node:http';
import type { StreamHolder } from './stream-holder.ts';

/** Frame is an event as it is sent; made once for all readers. */
export type Frame = { readonly seq: number; readonly text: string };

/** An event and no comment: programs in a browser are told of events alone. Without an id, it moves no place. */
const heartbeat = 'event: heartbeat\ndata: {}\n\n';

/** How long a reader waits before it connects again, unless it knows better. */
const retry_ms = 2_000;

/**
 * StreamReader is one open stream. States: taking -> full (its buffer is; nothing is queued) -> taking again, or ended. A reader that is
 * full is passed over, and goes on from its own place afterwards; one that stays full is cut, and resumes when it connects again.
 */
export class StreamReader {
  readonly holder: StreamHolder;
  readonly #response: ServerResponse;
  #place: number;
  #fullSince: number | undefined;
  #ended = false;

  /** `from` is the number of the last event that the reader has. `onDrained`: it takes events again. `onClosed`: it is gone. */
  constructor(
    response: ServerResponse,
    options: {
      readonly holder: StreamHolder;
      readonly from: number;
      readonly onDrained: () => void;
      readonly onClosed: () => void;
    },
  ) {
    this.holder = options.holder;
    this.#response = response;
    this.#place = options.from;
    response.on('drain', () => {
      this.#fullSince = undefined;
      options.onDrained();
    });
    response.on('close', () => {
      this.#ended = true;
      options.onClosed();
    });
    // A connection that breaks is told by `close` as well.
    response.on('error', () => undefined);
    this.#write(`retry: ${retry_ms}\n${place('position', options.from)}`);
  }

  /** The number of the last event that it was sent. */
  get place(): number {
    return this.#place;
  }

  get isTaking(): boolean {
    return !this.#ended && this.#fullSince === undefined;
  }

  /** take sends those of the frames that follow its place. Where events lack in between, it goes on from the last one there is: `head`. */
  take(frames: readonly Frame[], head: number): void {
    const own = frames.filter(({ seq }) => seq > this.#place);
    const last = own.at(-1)?.seq ?? head;
    if (last - this.#place !== own.length) {
      this.reset(Math.max(head, last));
      return;
    }
    this.#place = last;
    this.#write(own.map(({ text }) => text).join(''));
  }

  /** reset tells the reader that it cannot have what follows its place, and goes on from `head`. */
  reset(head: number): void {
    this.#place = head;
    this.#write(place('reset', head));
  }

  /** beat tells the reader, and proxies that close what is quiet, that the stream is alive, and cuts a reader that has taken nothing for `stalled_ms`. */
  beat(now: number, stalled_ms: number): void {
    if (this.#ended) return;
    if (this.#fullSince === undefined) this.#write(heartbeat);
    else if (now - this.#fullSince >= stalled_ms) this.#response.destroy();
  }

  /** end closes the stream in order; a reader that is full would not hear of it, and is cut. */
  end(): void {
    this.#ended = true;
    if (this.#fullSince === undefined) this.#response.end();
    else this.#response.destroy();
  }

  #write(text: string): void {
    if (this.#ended) return;
    if (!this.#response.write(text)) this.#fullSince ??= performance.now();
  }
}

function place(event: 'position' | 'reset', seq: number): string {
  return `id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify({ seq })}\n\n`;
}
