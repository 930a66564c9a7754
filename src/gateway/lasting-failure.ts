/**
 * How long something may fail before it is worth a warning: at the start of an installation the agent is there before the controller, and
 * a controller that is restarted is back within this time.
 */
const patienceMs = 5_000;

/** LastingFailure tells when a failure should be told: once for each reason, and not before it has lasted. */
export class LastingFailure {
  #since: number | null = null;
  #reason = '';
  #told = '';

  /** Why it fails at present; empty while it does not. */
  get reason(): string {
    return this.#reason;
  }

  /** failed notes a failure and says whether to warn of it now. */
  failed(reason: string, now: number): boolean {
    this.#since ??= now;
    this.#reason = reason;
    if (now - this.#since < patienceMs || this.#told === reason) return false;
    this.#told = reason;
    return true;
  }

  /** works ends the failure; the next one has to last again. */
  works(): void {
    this.#since = null;
    this.#reason = '';
    this.#told = '';
  }
}
