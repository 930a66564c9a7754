import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column, ListFilter } from './list-column.ts';
import { chooseRows, sortOf } from './list-view.ts';

type Row = { readonly name: string; readonly address: string; readonly seen: number };
const rows: readonly Row[] = [
  { name: 'hq-10', address: '10.0.0.10', seen: 3 },
  { name: 'hq-2', address: '10.0.0.9', seen: 1 },
  { name: 'Ärger', address: '192.168.7.1', seen: 2 },
];
const columns: readonly Column<Row>[] = [
  { key: 'name', title: 'Name', text: ({ name }) => name },
  { key: 'address', title: 'Address', text: ({ address }) => address },
  { key: 'seen', title: 'Seen', text: ({ seen }) => String(seen), order: ({ seen }) => seen, isSearched: false },
];
const filters: readonly ListFilter<Row>[] = [
  {
    key: 'site',
    label: 'Site',
    all: 'Every site',
    choices: [{ value: 'hq', label: 'HQ' }],
    accepts: ({ name }, value) => name.startsWith(value),
  },
];
const names = (search: Readonly<Record<string, string>>) => chooseRows(rows, columns, filters, search).map(({ name }) => name);

const cases: readonly (readonly [search: Readonly<Record<string, string>>, names: readonly string[]])[] = [
  [{}, ['Ärger', 'hq-2', 'hq-10']],
  [{ sort: '-name' }, ['hq-10', 'hq-2', 'Ärger']],
  [{ sort: 'address' }, ['hq-2', 'hq-10', 'Ärger']],
  [{ sort: '-seen' }, ['hq-10', 'Ärger', 'hq-2']],
  [{ sort: 'nothing' }, ['Ärger', 'hq-2', 'hq-10']],
  [{ q: ' ÄRG ' }, ['Ärger']],
  [{ q: '10.0.0' }, ['hq-2', 'hq-10']],
  [{ site: 'hq', q: '.9' }, ['hq-2']],
  // A count is no text that somebody looks for.
  [{ q: '3' }, []],
];
for (const [search, expected] of cases) {
  test(`${JSON.stringify(search)} shows ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(names(search), expected);
  });
}

test('a column that there is not is the first one, upwards', () => {
  assert.deepEqual(sortOf(columns, '-nothing'), { key: 'name', isDown: false });
});
