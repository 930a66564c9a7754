import type { Serial } from '../core/ids.ts';

/**
 * A profile can be used sooner than its gateway has heard of it: the API's answer and the configuration travel apart, and an agent that
 * has just started works from disk. So a serial that was never known is told to try again for this long, and only then for good that it
 * is not valid: the plain refusal would make a client ask its user or give up.
 */
const patienceMs = 10_000;

/** Who makes up serials needs a certificate of our CA first, so this is room for a mass of fresh profiles, not a defence. */
const remembered = 10_000;

/** Strangers remembers since when certificates of our CA that nobody knows have been asking. */
export class Strangers {
  readonly #since = new Map<Serial, number>();

  /** True while the serial may be too new to be known; false once it has asked for long, or was dismissed. */
  mayBecomeKnown(serial: Serial, now: number): boolean {
    const since = this.#since.get(serial);
    if (since !== undefined) return now - since < patienceMs;
    this.#remember(serial, now);
    return true;
  }

  /** It was known and is not any more: nothing to wait for. */
  dismiss(serial: Serial): void {
    this.#remember(serial, Number.NEGATIVE_INFINITY);
  }

  #remember(serial: Serial, since: number): void {
    const [oldest] = this.#since.keys();
    if (this.#since.size >= remembered && oldest !== undefined) this.#since.delete(oldest);
    this.#since.set(serial, since);
  }
}
