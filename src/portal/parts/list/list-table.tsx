import { UnstyledButton } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { rowHeight_px } from '../../theme/theme.ts';
import { ObjectName } from '../object-name.tsx';
import type { Column } from './list-column.ts';
import classes from './list.module.css';
import type { sortOf } from './list-view.ts';
import { useRowKeys } from './use-row-keys.ts';
import { useRowWindow } from './use-row-window.ts';
import type { Selection } from './use-selection.ts';

type Properties<Row> = {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly count: number;
  /** The row at a place; undefined: it is being read. */
  readonly at: (index: number) => Row | undefined;
  /** Told which rows are drawn, where somebody has to read them. */
  readonly onView: ((from: number, to: number) => void) | undefined;
  readonly idOf: (row: Row) => string;
  readonly nameOf: (row: Row) => string;
  /** The object that the panel shows. */
  readonly current: string | undefined;
  readonly sorted: ReturnType<typeof sortOf>;
  readonly onSort: (sort: string) => void;
  readonly selection: Selection<Row> | undefined;
  readonly onSelectAll: () => void;
};

/** ListTable draws the rows that are in view. Screen readers are told how many there are, and which these are. */
export function ListTable<Row>(properties: Properties<Row>) {
  const { label, columns, count, at, onView, idOf, nameOf, current, sorted, onSort, selection, onSelectAll } = properties;
  const { t } = useTranslation();
  const { scroller, onScroll, from, to, show } = useRowWindow(count);
  const onKeyDown = useRowKeys(scroller, show, count);
  useEffect(() => onView?.(from, to), [onView, from, to]);
  const { isDown } = sorted;
  const width = columns.length + (selection === undefined ? 0 : 1);
  return (
    <div ref={scroller} className={classes.scroll} onScroll={onScroll} role="region" aria-label={label} tabIndex={0}>
      <table className={classes.table} aria-rowcount={count + 1} onKeyDown={onKeyDown}>
        <colgroup>
          {selection !== undefined && <col className={classes.box} />}
          {columns.map(({ key, width: kind }) => (
            <col key={key} className={kind === undefined ? classes.normal : classes[kind]} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {selection !== undefined && (
              <td>
                <input
                  type="checkbox"
                  aria-label={t('list.selectAll')}
                  checked={selection.isAll}
                  ref={(box) => {
                    if (box !== null) box.indeterminate = selection.selected.length > 0 && !selection.isAll;
                  }}
                  onChange={onSelectAll}
                />
              </td>
            )}
            {columns.map(({ key, title }) => {
              const isSorted = key === sorted.key;
              return (
                <th key={key} scope="col" aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : undefined}>
                  <UnstyledButton className={classes.sort} onClick={() => onSort(isSorted && !isDown ? `-${key}` : key)}>
                    {title}
                    <span aria-hidden="true">{isSorted ? (isDown ? ' ↓' : ' ↑') : ''}</span>
                  </UnstyledButton>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          <Gap rows={from} width={width} />
          {Array.from({ length: to - from }, (_, offset) => {
            const index = from + offset;
            const row = at(index);
            if (row === undefined) return <Coming key={index} index={index} width={width} />;
            return (
              <tr
                key={idOf(row)}
                aria-rowindex={index + 2}
                aria-current={idOf(row) === current ? 'true' : undefined}
                data-selected={selection?.has(row) === true || undefined}
              >
                {selection !== undefined && (
                  <td>
                    <input
                      type="checkbox"
                      aria-label={t('list.select', { name: nameOf(row) })}
                      checked={selection.has(row)}
                      onChange={() => selection.toggle(row)}
                    />
                  </td>
                )}
                {columns.map(({ key, text, cell }) => (
                  <td key={key}>{cell === undefined ? <ObjectText text={text(row)} /> : cell(row)}</td>
                ))}
              </tr>
            );
          })}
          <Gap rows={count - to} width={width} />
        </tbody>
      </table>
    </div>
  );
}

/** Gap takes the place of rows that are not drawn, so that the scroll bar says where one is. */
function Gap({ rows, width }: { readonly rows: number; readonly width: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true" className={classes.gap}>
      <td colSpan={width} style={{ height: rows * rowHeight_px }} />
    </tr>
  );
}

/** Coming takes the place of a row that is being read. It can have the focus, which the row then gets. */
function Coming({ index, width }: { readonly index: number; readonly width: number }) {
  const { t } = useTranslation();
  return (
    <tr aria-rowindex={index + 2} aria-busy="true">
      <td colSpan={width}>
        <span tabIndex={-1} data-row-coming className={classes.coming}>
          {t('loading')}
        </span>
      </td>
    </tr>
  );
}

/** What does not fit is read on hover. Empty stays empty; a name that shows nothing is said to be so. */
function ObjectText({ text }: { readonly text: string }) {
  return text === '' ? null : (
    <span title={text}>
      <ObjectName name={text} />
    </span>
  );
}
