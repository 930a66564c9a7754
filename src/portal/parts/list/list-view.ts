import type { Column, ListFilter, ListSearch } from './list-column.ts';

/** Names with numbers in them in the order that people expect: hq-2 before hq-10, addresses by their parts. */
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** chooseRows gives the rows that match search and filters, in the order that is asked for, else that of the first column. */
export function chooseRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  filters: readonly ListFilter<Row>[],
  search: ListSearch,
): readonly Row[] {
  const wanted = (search['q'] ?? '').trim().toLocaleLowerCase();
  const searched = columns.filter(({ isSearched }) => isSearched !== false);
  const accepting = filters.flatMap(({ key, accepts }) => {
    const value = search[key];
    return value === undefined ? [] : [(row: Row) => accepts(row, value)];
  });
  const matching = rows.filter(
    (row) =>
      accepting.every((accepts) => accepts(row)) &&
      (wanted === '' || searched.some(({ text }) => text(row).toLocaleLowerCase().includes(wanted))),
  );
  return sorted(matching, columns, search['sort']);
}

/** sortOf reads `name` and `-name`; the first column where the address names none that there is. */
export function sortOf(
  columns: readonly Pick<Column<never>, 'key'>[],
  sort: string | undefined,
): { readonly key: string; readonly isDown: boolean } {
  const isDown = sort?.startsWith('-') === true;
  const key = isDown ? sort.slice(1) : sort;
  return columns.some((column) => column.key === key) && key !== undefined
    ? { key, isDown }
    : { key: columns[0]?.key ?? '', isDown: false };
}

function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: string | undefined): readonly Row[] {
  const { key, isDown } = sortOf(columns, sort);
  const column = columns.find((each) => each.key === key);
  if (column === undefined) return rows;
  const { order, text } = column;
  const compare =
    order === undefined ? (a: Row, b: Row) => collator.compare(text(a), text(b)) : (a: Row, b: Row) => order(a) - order(b);
  return rows.toSorted(isDown ? (a, b) => compare(b, a) : compare);
}
