import { Button, Popover } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Column } from './list-column.ts';
import classes from './list.module.css';

type Properties<Row> = {
  readonly columns: readonly Column<Row>[];
  readonly isShown: (column: Column<Row>) => boolean;
  readonly toggle: (column: Column<Row>) => void;
};

/** ColumnMenu chooses the columns that are shown; the first one is not to choose. It stays open for the next choice, and Escape closes it. */
export function ColumnMenu<Row>({ columns, isShown, toggle }: Properties<Row>) {
  const { t } = useTranslation();
  return (
    // In place: what is put at the end of the page belongs to no landmark of it.
    <Popover position="bottom-end" withinPortal={false} trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" className={classes.columns}>
          {t('list.columns')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.choices}>
        {columns.slice(1).map((column) => (
          <label key={column.key}>
            <input type="checkbox" checked={isShown(column)} onChange={() => toggle(column)} />
            {column.title}
          </label>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
