/** When what ends by itself is renewed, and when its end is told. */

/** renewalDue is true once two thirds of a life are over: the last third is for whoever renews to be away, or in trouble. Milliseconds since 1970. */
export function renewalDue(notBefore: number, notAfter: number, now: number): boolean {
  return now >= notAfter - (notAfter - notBefore) / 3;
}

/** Days before an end at which it is told, the first one first; once more when it is over. */
export const warningDays = [30, 7, 1] as const;

export type ExpiryLevel = 'ended' | `${(typeof warningDays)[number]} days`;

const day_ms = 86_400_000;

/** expiryLevel gives the last warning that is due at `now`; undefined while the end is far. Milliseconds since 1970. */
export function expiryLevel(notAfter: number, now: number): ExpiryLevel | undefined {
  if (now >= notAfter) return 'ended';
  const days = warningDays.findLast((each) => notAfter - now <= each * day_ms);
  return days === undefined ? undefined : `${days} days`;
}
