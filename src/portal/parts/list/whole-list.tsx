import { ListFrame } from './list-frame.tsx';
import { chooseRows } from './list-view.ts';
import type { ObjectListProperties } from './object-list.tsx';
import { useSelection } from './use-selection.ts';
import { useStillRows } from './use-still-rows.ts';

type Properties<Row> = ObjectListProperties<Row> & { readonly rows: readonly Row[] };

/** WholeList has all rows in the browser. While the data changes, what is shown stays where it is (use-still-rows.ts). */
export function WholeList<Row>(properties: Properties<Row>) {
  const { rows, columns, filters = [], idOf, search } = properties;
  const view = ['q', 'sort', ...filters.map(({ key }) => key)].map((key) => search[key] ?? '').join('\n');
  const wanted = chooseRows(rows, columns, filters, search);
  const { shown, waiting, showWaiting } = useStillRows(rows, wanted, idOf, view, search['id']);
  const selection = useSelection(shown, idOf);
  return (
    <ListFrame
      {...properties}
      all={rows.length}
      count={shown.length}
      at={(index) => shown[index]}
      readAll={async () => await Promise.resolve(shown)}
      waiting={waiting}
      onShowWaiting={showWaiting}
      selection={selection}
    />
  );
}
