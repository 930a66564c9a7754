/** FailoverTimings are the times of probes and of what follows from them; tests shorten them. */
export type FailoverTimings = {
  /** Milliseconds between probes of one address. */
  readonly periodMs: number;
  /** A probe is missed after four times the usual round trip, but not before this. */
  readonly leastTimeoutMs: number;
  /** The same while no usual round trip is known, or while there is nothing to lose: long enough to find out that a path is slow. */
  readonly patientTimeoutMs: number;
  /** Misses in a row that make a connector unhealthy. */
  readonly missesToFail: number;
  /** Milliseconds without a failure until a connector that failed is trusted again. */
  readonly recoveryMs: number;
};

/** 600 to 800 ms from a cut to the move of the routes (design.md 5). */
export const defaultFailoverTimings: FailoverTimings = {
  periodMs: 200,
  leastTimeoutMs: 200,
  patientTimeoutMs: 1_500,
  missesToFail: 3,
  recoveryMs: 30_000,
};

/** The longest that is waited for an answer: the path by a satellite has 600 ms. */
const mostTimeoutMs = 4_000;

/** timeoutFor gives after how many milliseconds a probe counts as missed, in steps so that it does not change with every answer. */
export function timeoutFor(usualMs: number | null, timings: FailoverTimings): number {
  if (usualMs === null) return timings.patientTimeoutMs;
  const stepped = Math.ceil((4 * usualMs) / timeoutStepMs) * timeoutStepMs;
  return Math.min(Math.max(timings.leastTimeoutMs, stepped), mostTimeoutMs);
}

const timeoutStepMs = 50;
