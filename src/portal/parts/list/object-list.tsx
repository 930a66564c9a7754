import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@mantine/core';
import { EmptyState } from '../empty-state.tsx';
import '../../texts/texts-people.ts';
import type { Column, ListFilter, ListSearch } from './list-column.ts';
import { ListTable } from './list-table.tsx';
import { ListTools } from './list-tools.tsx';
import { chooseRows } from './list-view.ts';
import { useSelection } from './use-selection.ts';
import { useStillRows } from './use-still-rows.ts';

export type ObjectListProperties<Row> = {
  /** What the list lists, for who cannot see it; also the name of its CSV file. */
  readonly label: string;
  readonly rows: readonly Row[];
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

/**
 * ObjectList lists objects: one line each, found and filtered and sorted as the address says, quick with thousands. Arrow keys go from row to
 * row. While the data changes, what is shown stays where it is (use-still-rows.ts).
 */
export function ObjectList<Row>(properties: ObjectListProperties<Row>) {
  const { rows, columns, filters = [], idOf, search, onSearch, bulk, label, nameOf } = properties;
  const { t } = useTranslation();
  const view = ['q', 'sort', ...filters.map(({ key }) => key)].map((key) => search[key] ?? '').join('\n');
  const wanted = chooseRows(rows, columns, filters, search);
  const { shown, waiting, showWaiting } = useStillRows(rows, wanted, idOf, view, search['id']);
  const selection = useSelection(shown, idOf);
  return (
    <>
      <ListTools
        label={label}
        columns={columns}
        filters={filters}
        search={search}
        onSearch={onSearch}
        all={rows.length}
        shown={shown}
        waiting={waiting}
        onShowWaiting={showWaiting}
        bulk={selection.selected.length > 0 && bulk !== undefined ? bulk(selection.selected, selection.clear) : undefined}
        selected={selection.selected.length}
        onClear={selection.clear}
      />
      {shown.length === 0 ? (
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
          columns={columns}
          shown={shown}
          idOf={idOf}
          nameOf={nameOf}
          current={search['id']}
          sort={search['sort']}
          onSort={(sort) => onSearch({ sort })}
          selection={bulk === undefined ? undefined : selection}
        />
      )}
    </>
  );
}
