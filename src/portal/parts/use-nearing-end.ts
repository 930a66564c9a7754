import { useState } from 'react';
import { expiryLevel } from '../../core/renewal.ts';

/** useNearingEnd says whether an end is so near that it is told: 30 days. Nobody renews a profile but who hands out a new one. */
export function useNearingEnd(endsAt: string | null): boolean {
  const [now] = useState(() => Date.now());
  return endsAt !== null && expiryLevel(Date.parse(endsAt), now) !== undefined;
}
