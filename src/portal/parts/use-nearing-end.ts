import { useState } from 'react';
import { expiryLevel } from '../../core/renewal.ts';

/** useNearingEnd says whether something ends so soon that it is told: from 30 days before (core/renewal.ts). Null: it never ends. */
export function useNearingEnd(endsAt: string | null): boolean {
  const [now] = useState(() => Date.now());
  return endsAt !== null && expiryLevel(Date.parse(endsAt), now) !== undefined;
}
