import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvText } from './csv.ts';

const cellOf = (text: string) => csvText([[text]]).slice('\u{feff}'.length, -2);

test('lines, each cell quoted', () => {
  assert.equal(
    csvText([
      ['Name', 'Size'],
      ['a', '1'],
    ]),
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
