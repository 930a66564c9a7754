import { useState } from 'react';

/** Selection is which rows of a list are selected. `toggleAll` rejects with ApiError where it cannot read them all. */
export type Selection<Row> = {
  readonly selected: readonly Row[];
  readonly isAll: boolean;
  readonly has: (row: Row) => boolean;
  readonly toggle: (row: Row) => void;
  readonly toggleAll: () => Promise<void>;
  readonly clear: () => void;
};

/** useSelection keeps which rows are selected. What is not shown is not selected: a bulk action does to what is seen, and to nothing else. */
export function useSelection<Row>(shown: readonly Row[], idOf: (row: Row) => string): Selection<Row> {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const selected = ids.size === 0 ? [] : shown.filter((row) => ids.has(idOf(row)));
  return {
    selected,
    isAll: shown.length > 0 && selected.length === shown.length,
    has: (row) => ids.has(idOf(row)),
    toggle: (row) => setIds((before) => before.symmetricDifference(new Set([idOf(row)]))),
    toggleAll: async () => {
      setIds(selected.length === shown.length ? new Set() : new Set(shown.map(idOf)));
      await Promise.resolve();
    },
    clear: () => setIds(new Set()),
  };
}
