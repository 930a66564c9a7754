/** A step of less than this does no harm: it is less than half of the time between two probes. */
const leastStepMs = 80;

/**
 * ClockStep notices that the machine's clock was set, or stood still while the machine slept. fping 5.1 reckons by that clock (measured: an
 * hour back, and it sends nothing for an hour; an hour forward, and it sends without a pause until it has caught up), so it has to be
 * started again then.
 */
export class ClockStep {
  #difference: number | null = null;

  /** happened says whether the clock was set since the last call. Both in milliseconds; `monotonic` only goes forward. */
  happened(wall: number, monotonic: number): boolean {
    const difference = wall - monotonic;
    const before = this.#difference;
    // A clock that is slewed gains at most half a millisecond in a second, and is followed.
    this.#difference = difference;
    return before !== null && Math.abs(difference - before) > leastStepMs;
  }
}
