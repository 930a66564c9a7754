import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvOf } from './csv.ts';

const columns = [{ key: 'name', title: 'Name', text: (name: string) => name }];
const cellOf = (name: string) => csvOf(columns, [name]).slice('\u{feff}"Name"\r\n'.length, -2);

test('titles, then rows, each cell quoted', () => {
  assert.equal(
    csvOf([...columns, { key: 'size', title: 'Size', text: () => '1' }], ['a']),
    '\u{feff}"Name","Size"\r\n"a","1"\r\n',
  );
});

const cells: readonly (readonly [text: string, cell: string])[] = [
  ['bob', '"bob"'],
  ['', '""'],
  ['"quoted", and\nmore', '"""quoted"", and\nmore"'],
  ['=HYPERLINK("https://x")', '"\'=HYPERLINK(""https://x"")"'],
  ['+1', '"\'+1"'],
  ['-1', '"\'-1"'],
  ['@SUM(A1)', '"\'@SUM(A1)"'],
  ['  =1', '"\'  =1"'],
  ['\t=1', '"\'\t=1"'],
  ['＝1', '"\'＝1"'],
  ['a=b', '"a=b"'],
];
for (const [text, cell] of cells) {
  test(`${JSON.stringify(text)} is no formula`, () => {
    assert.equal(cellOf(text), cell);
  });
}
