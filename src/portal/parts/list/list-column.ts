/**
 * src/portal/parts/list is the one list of objects that every page with a list has: search, filters and order in the address, windowing,
 * selection, CSV. Tests: `node --test 'src/portal/parts/list/*.test.ts'`, and test/portal/users.portal.test.ts in Chromium.
 *
 * This file: what a page says of its objects.
 */
import type { ReactNode } from 'react';

export type Column<Row> = {
  /** In the address: `sort=KEY`, or `sort=-KEY` the other way round. */
  readonly key: string;
  readonly title: string;
  /** What search finds and CSV holds. */
  readonly text: (row: Row) => string;
  /** Sorted by this instead of the text: counts and times. */
  readonly order?: (row: Row) => number;
  /** What is shown instead of the text; one line. */
  readonly cell?: (row: Row) => ReactNode;
  readonly width?: 'narrow' | 'wide';
  /** Search leaves it out: instants and counts would be found by every digit, and words that are the same for many are filters. */
  readonly isSearched?: false;
};

export type ListFilter<Row> = {
  /** In the address: `KEY=VALUE`. */
  readonly key: string;
  /** What the choice is called, and the choice of all. */
  readonly label: string;
  readonly all: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly accepts: (row: Row, value: string) => boolean;
};

/** ListSearch is what the address says of a list: `q`, `sort`, `id` of the object in the panel, and its filters. */
export type ListSearch = Readonly<Record<string, string | undefined>>;
