import { setTimeout as delay } from 'node:timers/promises';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Random } from '../chaos/random.ts';
import { seeded } from '../chaos/random.ts';
import type { Caller } from './caller.ts';
import { drawChange } from './change.ts';
import type { Holdings, Pending } from './holding.ts';

/** Refused is an answer that the API should not have given: a writer asks only for what is possible. */
export type Refused = { readonly what: string; readonly status: number; readonly body: string };

/**
 * WriterState is one writer, who makes one change after the other. `pending` is the one whose answer was lost; `acknowledged` are the requests that
 * were answered with success since the last cut.
 */
class WriterState {
  readonly number: number;
  readonly random: Random;
  holdings: Holdings = new Map();
  pending: Pending | null = null;
  acknowledged: string[] = [];
  count = 0;

  constructor(number: number, seed: number) {
    this.number = number;
    this.random = seeded(seed * 1000 + number);
  }

  /** goOn is for when it is known what has become of everything. */
  goOn(found: Holdings): void {
    this.holdings = found;
    this.pending = null;
    this.acknowledged = [];
  }
}

/** Writers make changes at the same time, and know what they were told. */
export class Writers {
  readonly all: readonly WriterState[];
  readonly refused: Refused[] = [];
  /** All changes that were acknowledged, from the beginning. */
  acknowledged = 0;
  readonly #caller: Caller;
  readonly #group: string;
  readonly #pauseMs: number;
  #stopping = false;
  #running: Promise<unknown> = Promise.resolve();

  /** `pauseMs` is how long each waits between an answer and its next change. */
  constructor(caller: Caller, group: string, count: number, seed: number, pauseMs = 0) {
    this.#pauseMs = pauseMs;
    this.#caller = caller;
    this.#group = group;
    this.all = Array.from({ length: count }, (_, number) => new WriterState(number, seed));
  }

  /** begin lets every writer go on until it is stopped or an answer is lost. */
  begin(): void {
    this.#stopping = false;
    this.#running = Promise.all(this.all.map((writer) => this.#write(writer)));
  }

  /** answered resolves when so many more changes were acknowledged; refusals end the wait, for they are told as violations. */
  async answered(count: number): Promise<void> {
    const until = this.acknowledged + count;
    await awaitCondition(
      `${count} changes are acknowledged`,
      () => (this.acknowledged >= until || this.refused.length > 0 ? true : undefined),
      { withinMs: 60_000, everyMs: 2 },
    );
  }

  /** stop resolves when no writer waits for an answer. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #write(writer: WriterState): Promise<void> {
    while (!this.#stopping && writer.pending === null) {
      if (this.#pauseMs > 0) await delay(this.#pauseMs);
      writer.count += 1;
      const change = drawChange(writer.random, { number: writer.number, group: this.#group }, writer.holdings, writer.count);
      const answer = await this.#caller.call(change.method, change.path, change.body);
      if (answer.kind === 'lost') {
        writer.pending = { what: change.what, after: change.after(undefined) };
      } else if (answer.status >= 200 && answer.status <= 299) {
        writer.holdings = change.after(answer.body === '' ? undefined : JSON.parse(answer.body));
        writer.acknowledged.push(answer.requestId);
        this.acknowledged += 1;
      } else if (answer.status >= 500) {
        // "It may or may not have been done": the database was cut off under it.
        writer.pending = { what: change.what, after: change.after(undefined) };
      } else {
        this.refused.push({ what: change.what, status: answer.status, body: answer.body });
        return;
      }
    }
  }
}
