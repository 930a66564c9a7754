/** TokenBuckets limits how often each key may do something: `burst` at once, `perSecond` in the long run. In memory, per process. */
export type TokenBuckets = {
  /** Takes one token of the key's bucket at `now_ms`; `remaining` whole tokens are left. */
  readonly take: (
    key: string,
    now_ms: number,
  ) => { readonly allowed: boolean; readonly remaining: number; readonly retryAfter_s: number };
};

/** Keys come from outside; beyond this many the fullest buckets, which remember nothing, are forgotten. */
const maximumKeys = 10_000;

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
      if (buckets.size >= maximumKeys) {
        for (const [other, each] of buckets) if (refilled(each, now_ms) >= limit.burst) buckets.delete(other);
      }
      buckets.set(key, { tokens: left, at_ms: now_ms });
      return { allowed, remaining: Math.floor(left), retryAfter_s: allowed ? 0 : Math.ceil((1 - tokens) / limit.perSecond) };
    },
  };
}
