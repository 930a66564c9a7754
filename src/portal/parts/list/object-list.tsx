import type { ReactNode } from 'react';
import type { ListRoute } from '../../api/ask-all.ts';
import type { Listed } from '../../api/ask-list.ts';
import '../../texts/texts-people.ts';
import type { Column, ListFilter, ListSearch } from './list-column.ts';
import { LongList } from './long-list.tsx';
import { WholeList } from './whole-list.tsx';

/** What the page says of its list. */
type ListOf<Row> = {
  /** What the list lists, for who cannot see it; also the name of its CSV file. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly filters?: readonly ListFilter<Row>[];
  readonly idOf: (row: Row) => string;
  /** How a row is called. */
  readonly nameOf: (row: Row) => string;
  readonly search: ListSearch;
  /** Puts what changed into the address; undefined takes it out. */
  readonly onSearch: (change: ListSearch) => void;
  /** What can be done with all that are selected. */
  readonly bulk?: (selected: readonly Row[], clear: () => void) => ReactNode;
};

/** What both kinds of list need. */
export type ObjectListProperties<Row> = ListOf<Row> & {
  /** What the chosen columns are kept under. */
  readonly listKey: string;
};

type Properties<Row> = ListOf<Row> & {
  readonly list: Listed<Row>;
  /** Asked where the list is long; it knows every column and every filter by its key. */
  readonly route: ListRoute<Row>;
};

/**
 * ObjectList lists objects: one line each, found and filtered and sorted as the address says, quick with thousands. Arrow keys go from row to
 * row. What fits into one page of the API is searched and sorted here, at once; of more the server does it, and only rows in view are read.
 */
export function ObjectList<Row extends { readonly id: string }>({ list, route, ...properties }: Properties<Row>) {
  return list.kind === 'whole' ? (
    <WholeList {...properties} listKey={route.path} rows={list.rows} />
  ) : (
    <LongList {...properties} listKey={route.path} route={route} all={list.total} />
  );
}
