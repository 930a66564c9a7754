import { useState } from 'react';

type Still<Row> = {
  readonly shown: readonly Row[];
  /** How many have come since; they wait. */
  readonly waiting: number;
  readonly showWaiting: () => void;
};

/**
 * useStillRows keeps rows where they are while they change: what is in a list does not jump under the pointer because somebody else works. New
 * rows wait until they are asked for, or until the person asks for another view (`view` changes); the one that the person has just opened or
 * made (`own`) does not wait.
 */
export function useStillRows<Row>(
  all: readonly Row[],
  wanted: readonly Row[],
  idOf: (row: Row) => string,
  view: string,
  own: string | undefined,
): Still<Row> {
  const now = wanted.map(idOf);
  const [kept, setKept] = useState({ view, ids: now });
  const known = new Set(kept.ids);
  const fresh = now.filter((id) => !known.has(id));
  if (kept.view !== view || (own !== undefined && fresh.includes(own))) {
    setKept({ view, ids: now });
    return { shown: wanted, waiting: 0, showWaiting: () => undefined };
  }
  const byId = new Map(all.map((row) => [idOf(row), row]));
  return {
    shown: kept.ids.flatMap((id) => byId.get(id) ?? []),
    waiting: fresh.length,
    showWaiting: () => setKept({ view, ids: now }),
  };
}
