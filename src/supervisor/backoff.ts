const firstDelayMs = 100;
const longestDelayMs = 5000;
/** A process that lived this long has started well: its next end is a new story. */
const recoveredAfterMs = 30_000;

/** nextDelay says how long to wait before a process is started again: 0.1 s, doubling to 5 s, from the beginning after 30 s of life. */
export function nextDelay(previousDelayMs: number | undefined, livedMs: number): number {
  if (previousDelayMs === undefined || livedMs >= recoveredAfterMs) return firstDelayMs;
  return Math.min(previousDelayMs * 2, longestDelayMs);
}
