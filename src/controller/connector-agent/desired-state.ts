import { notFound } from '../../contract/errors.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import type { ConnectorSnapshot, ConnectorSnapshotReader } from './connector-snapshot.ts';
import { Turns } from './turns.ts';

/** What an agent asks: the revision that it holds, and for how long it waits for another one. */
export type DesiredQuestion = { readonly revision: number | undefined; readonly wait_ms: number; readonly signal: AbortSignal };

/** DesiredAnswers answers agents that ask for the desired state of their connector, with its text. */
export class DesiredAnswers {
  readonly #wakeUp: ControllerDeps['wakeUp'];
  readonly #read: ConnectorSnapshotReader;
  readonly #turns = new Turns();

  constructor(wakeUp: ControllerDeps['wakeUp'], read: ConnectorSnapshotReader) {
    this.#wakeUp = wakeUp;
    this.#read = read;
  }

  /**
   * Answers at once unless the agent holds this very revision; then when something that concerns this connector has changed, or after the
   * wait, or when the request is given up. Changes of others do not answer it: the agent learns of the higher revision with the next answer.
   * Throws not-found for a connector that was deleted meanwhile.
   */
  async answer(id: ConnectorId, { revision, wait_ms, signal }: DesiredQuestion): Promise<string> {
    const giveUpAt = performance.now() + wait_ms;
    // Who waits may be given what is held here: what came after it wakes them. A revision of the future is nobody's reason to read everything.
    const isKnown = revision !== undefined && wait_ms > 0 && revision <= this.#wakeUp.position().revision;
    const first = await this.#read(isKnown ? revision : 'now');
    if (first.revision !== revision) return textOf(first, id);
    const digest = first.digestOf(id);
    let latest = first;
    // Where an older database was restored, the announced revision stays ahead of what is read.
    let announced = first.revision;
    for (;;) {
      const left_ms = Math.max(0, giveUpAt - performance.now());
      const position = await this.#wakeUp.waitBeyond({ revision: announced }, left_ms, signal);
      if (position.revision <= announced || left_ms === 0) {
        // The wait is over, and what was never announced is seen now; or it was given up, or the controller is stopping and has no database any more.
        return textOf(signal.aborted ? latest : await this.#read('now').catch(() => latest), id);
      }
      announced = position.revision;
      latest = await this.#read(announced);
      await this.#turns.take();
      if (latest.digestOf(id) !== digest) return textOf(latest, id);
    }
  }
}

function textOf(snapshot: ConnectorSnapshot, id: ConnectorId): string {
  const text = snapshot.textOf(id);
  if (text === undefined) throw notFound('connector', id);
  return text;
}
