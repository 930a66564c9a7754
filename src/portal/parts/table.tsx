import type { ReactNode } from 'react';
import classes from './table.module.css';

type Properties = {
  /** What the table lists, for who cannot see it. */
  readonly label: string;
  /** Heads of the columns; an empty one is over what can be done with a row. */
  readonly columns: readonly string[];
  readonly children: ReactNode;
};

/** Table lists objects, one in a row. On a small screen it scrolls within itself. */
export function Table({ label, columns, children }: Properties) {
  return (
    <div className={classes.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map((column) =>
              column === '' ? (
                <td key="actions" />
              ) : (
                <th key={column} scope="col">
                  {column}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
