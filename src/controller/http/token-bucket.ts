/** TokenBuckets limits how often each key may do something: `burst` at once, `perSecond` in the long run. In memory, per process. */
export type TokenBuckets = {
  /** Takes one token of the key's bucket at `now_ms`; `remaining` whole tokens are left. */
  readonly take: (
    key: string,
    now_ms: number,
  ) => { readonly allowed: boolean; readonly remaining: number; readonly retryAfter_s: number };
  /** How many keys are remembered. */
  readonly size: () => number;
};

/** Keys come from outside. Beyond this many the one that was used longest ago is forgotten, which is the one that has refilled most. */
const mostKeys = 10_000;

export function tokenBuckets(limit: { readonly perSecond: number; readonly burst: number }): TokenBuckets {
  const buckets = new Map<string, { tokens: number; at_ms: number }>();

  const refilled = (bucket: { tokens: number; at_ms: number }, now_ms: number): number =>
    Math.min(limit.burst, bucket.tokens + (Math.max(0, now_ms - bucket.at_ms) / 1000) * limit.perSecond);

  return {
    take: (key, now_ms) => {
      const bucket = buckets.get(key) ?? { tokens: limit.burst, at_ms: now_ms };
      const tokens = refilled(bucket, now_ms);
      const allowed = tokens >= 1;
      const left = allowed ? tokens - 1 : tokens;
      // Taken out and put back, so that the map's order is that of use.
      buckets.delete(key);
      for (const [oldest] of buckets) {
        if (buckets.size < mostKeys) break;
        buckets.delete(oldest);
      }
      buckets.set(key, { tokens: left, at_ms: now_ms });
      return { allowed, remaining: Math.floor(left), retryAfter_s: allowed ? 0 : Math.ceil((1 - tokens) / limit.perSecond) };
    },
    size: () => buckets.size,
  };
}
