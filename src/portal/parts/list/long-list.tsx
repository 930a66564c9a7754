import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ListRoute, ListTerms } from '../../api/ask-all.ts';
import { readAll } from '../../api/ask-all.ts';
import { asking } from '../../api/ask.ts';
import { PageLoader } from '../page-loader.tsx';
import { PageProblem } from '../page-problem.tsx';
import { ListFrame } from './list-frame.tsx';
import { sortOf } from './list-view.ts';
import type { ObjectListProperties } from './object-list.tsx';
import { useLongSelection } from './use-long-selection.ts';

/** Some screens of rows. */
const size = 100;

type Properties<Row> = ObjectListProperties<Row> & { readonly route: ListRoute<Row>; readonly all: number };

/** LongList reads the pages that are in view; the server searches, narrows and sorts. */
export function LongList<Row extends { readonly id: string }>(properties: Properties<Row>) {
  const { route, columns, filters = [], search } = properties;
  const [view, setView] = useState({ from: 0, to: 0 });
  const terms = termsOf(search, columns, filters);
  const ask = (page: number) => asking(route, { query: { ...terms, page, size } });
  // What is shown stays until the first page of what is asked for now is there.
  const first = useQuery({ ...ask(0), placeholderData: keepPreviousData });
  const shownPages = pagesOf(view);
  const others = useQueries({ queries: shownPages.map(ask) });
  const pages = new Map([...shownPages.map((page, index) => [page, others[index]?.data] as const), [0, first.data] as const]);
  const readEvery = async () => await readAll(route, terms);
  const selection = useLongSelection<Row>(
    JSON.stringify({ ...terms, sort: undefined }),
    readEvery,
    first.data?.totalElements ?? 0,
  );
  const error = first.error ?? others.find((page) => page.error !== null)?.error ?? null;
  if (error !== null)
    return (
      <PageProblem error={error} onRetry={() => void Promise.all([first, ...others].map(async (page) => await page.refetch()))} />
    );
  if (first.data === undefined) return <PageLoader />;
  return (
    <ListFrame
      {...properties}
      count={first.data.totalElements}
      at={(index) => pages.get(Math.floor(index / size))?.content[index % size]}
      readAll={readEvery}
      waiting={0}
      onShowWaiting={() => undefined}
      onView={(from, to) => setView((before) => (before.from === from && before.to === to ? before : { from, to }))}
      selection={selection}
    />
  );
}

/** The pages, but the first, that have rows from the first up to, without, the last. */
function pagesOf({ from, to }: { readonly from: number; readonly to: number }): readonly number[] {
  const last = Math.ceil(to / size);
  return Array.from({ length: last }, (_, page) => page).slice(Math.max(1, Math.floor(from / size)));
}

/** What the address asks for, as far as it makes sense: a mistyped one shows the list, as it does where the browser has all rows. */
function termsOf(
  search: ObjectListProperties<never>['search'],
  columns: readonly { readonly key: string }[],
  filters: readonly { readonly key: string; readonly choices: readonly { readonly value: string }[] }[],
): ListTerms {
  const { key, isDown } = sortOf(columns, search['sort']);
  const chosen = filters.flatMap(({ key: filter, choices }) =>
    choices.some(({ value }) => value === search[filter]) ? [[filter, search[filter]] as const] : [],
  );
  return { q: search['q'], sort: isDown ? `-${key}` : key, ...Object.fromEntries(chosen) };
}
