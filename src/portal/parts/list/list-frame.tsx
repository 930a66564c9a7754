import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/api-error.ts';
import { csvText } from '../csv.ts';
import { EmptyState } from '../empty-state.tsx';
import { FormFailure } from '../form-failure.tsx';
import { saveFile } from '../save-file.ts';
import { ColumnMenu } from './column-menu.tsx';
import { ListTable } from './list-table.tsx';
import { ListTools } from './list-tools.tsx';
import { sortOf } from './list-view.ts';
import type { ObjectListProperties } from './object-list.tsx';
import type { Selection } from './use-selection.ts';
import { useShownColumns } from './use-shown-columns.ts';

type Properties<Row> = ObjectListProperties<Row> & {
  /** How many there are, and how many of them match. */
  readonly all: number;
  readonly count: number;
  /** The row at a place; undefined: it is being read. */
  readonly at: (index: number) => Row | undefined;
  /** Every row that matches, in order. */
  readonly readAll: () => Promise<readonly Row[]>;
  readonly waiting: number;
  readonly onShowWaiting: () => void;
  /** Told which rows are in view. */
  readonly onView?: (from: number, to: number) => void;
  readonly selection: Selection<Row>;
};

/** ListFrame is a list with what stands over it, wherever its rows come from. */
export function ListFrame<Row>(properties: Properties<Row>) {
  const { label, columns, filters = [], idOf, nameOf, search, onSearch, bulk, all, count, at, readAll, selection } = properties;
  const { t } = useTranslation();
  const { shown, isShown, toggle } = useShownColumns(properties.listKey, columns);
  const save = useMutation({
    mutationFn: async () => {
      const rows = (await readAll()).map((row) => shown.map(({ text }) => text(row)));
      saveFile(`${label}.csv`, csvText([shown.map(({ title }) => title), ...rows]), 'text/csv');
    },
  });
  const select = useMutation({ mutationFn: selection.toggleAll });
  const failure = save.error ?? select.error;
  return (
    <>
      <ListTools
        filters={filters}
        search={search}
        onSearch={onSearch}
        all={all}
        count={count}
        waiting={properties.waiting}
        onShowWaiting={properties.onShowWaiting}
        onSave={() => save.mutate()}
        isSaving={save.isPending}
        columnMenu={<ColumnMenu columns={columns} isShown={isShown} toggle={toggle} />}
        bulk={selection.selected.length > 0 && bulk !== undefined ? bulk(selection.selected, selection.clear) : undefined}
        selected={selection.selected.length}
        onClear={selection.clear}
      />
      <FormFailure failure={failure instanceof ApiError ? failure : undefined} />
      {count === 0 ? (
        <EmptyState
          title={t('list.noMatch')}
          action={
            <Button
              variant="default"
              onClick={() => onSearch(Object.fromEntries(['q', ...filters.map(({ key }) => key)].map((key) => [key, undefined])))}
            >
              {t('list.showAll')}
            </Button>
          }
        >
          {t('list.noMatchText')}
        </EmptyState>
      ) : (
        <ListTable
          label={label}
          columns={shown}
          sorted={sortOf(columns, search['sort'])}
          count={count}
          at={at}
          onView={properties.onView}
          idOf={idOf}
          nameOf={nameOf}
          current={search['id']}
          onSort={(sort) => onSearch({ sort })}
          selection={bulk === undefined ? undefined : selection}
          onSelectAll={() => select.mutate()}
        />
      )}
    </>
  );
}
