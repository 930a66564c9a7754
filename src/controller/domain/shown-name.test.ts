import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownName } from './shown-name.ts';

const table: [string, string][] = [
  ['HQ Network', 'HQ Network'],
  ['Zürich – 東京 👩‍👩‍👧‍👦', 'Zürich – 東京 👩‍👩‍👧‍👦'],
  ['two\nlines', '"two\\nlines"'],
  ['a\u202eb', '"a\u202eb"'],
  ['x'.repeat(200), `${'x'.repeat(80)}…`],
  ['😀'.repeat(81), `${'😀'.repeat(80)}…`],
];
for (const [name, expected] of table) {
  test(`${JSON.stringify(name.slice(0, 20))} is shown as ${JSON.stringify(expected.slice(0, 20))}`, () =>
    assert.equal(shownName(name), expected));
}
