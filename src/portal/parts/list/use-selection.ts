import { useState } from 'react';

/** useSelection keeps which rows are selected. What is not shown is not selected: a bulk action does to what is seen, and to nothing else. */
export function useSelection<Row>(shown: readonly Row[], idOf: (row: Row) => string) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const selected = ids.size === 0 ? [] : shown.filter((row) => ids.has(idOf(row)));
  return {
    selected,
    isAll: shown.length > 0 && selected.length === shown.length,
    has: (row: Row) => ids.has(idOf(row)),
    toggle: (row: Row) => setIds((before) => before.symmetricDifference(new Set([idOf(row)]))),
    toggleAll: () => setIds(selected.length === shown.length ? new Set() : new Set(shown.map(idOf))),
    clear: () => setIds(new Set()),
  };
}
