/**
 * Turns lets many requests that wake at the same moment go on one after the other, in the order in which they came, with whatever else the
 * process has to do in between. A change wakes the long polls of all connectors: without turns the answers to 1,000 of them came before the
 * answer to the call that made the change, and before the gateways were told (bench/route-change.ts).
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn, which lasts until it awaits something else. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) this.#soon();
    });
  }

  /** setImmediate: what has come from the network and the database meanwhile is handled before. */
  #soon(): void {
    setImmediate(() => {
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#soon();
    });
  }
}
