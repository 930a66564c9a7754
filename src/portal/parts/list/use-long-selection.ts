import { useState } from 'react';
import type { Selection } from './use-selection.ts';

/**
 * useLongSelection keeps which rows of a long list are selected, also those that are not in view any more. All of them are read when all are
 * selected. Another search or filter (`view`) selects nothing: a bulk action does to what the list is about, and to nothing else.
 */
export function useLongSelection<Row extends { readonly id: string }>(
  view: string,
  readAll: () => Promise<readonly Row[]>,
  count: number,
): Selection<Row> {
  const nothing = { view, rows: new Map<string, Row>() };
  const [kept, setKept] = useState(nothing);
  const rows = kept.view === view ? kept.rows : nothing.rows;
  return {
    selected: [...rows.values()],
    isAll: count > 0 && rows.size === count,
    has: ({ id }) => rows.has(id),
    toggle: (row) => {
      const after = new Map(rows);
      if (!after.delete(row.id)) after.set(row.id, row);
      setKept({ view, rows: after });
    },
    toggleAll: async () => {
      if (rows.size === count) return setKept(nothing);
      const every = await readAll();
      return setKept({ view, rows: new Map(every.map((row) => [row.id, row])) });
    },
    clear: () => setKept(nothing),
  };
}
