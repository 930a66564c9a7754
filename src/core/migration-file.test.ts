import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMigrationFile } from './migration-file.ts';

test('the comment below the mark, as far as it goes without a break, is the summary', () => {
  const file = readMigrationFile(
    '0002_two.sql',
    '-- causeway: breaking\n-- One thing,\n-- and why.\n\n-- Not this.\nselect 1',
    2,
  );
  assert.deepEqual(file, { number: 2, name: '0002_two.sql', breaking: true, summary: 'One thing, and why.' });
  assert.equal(readMigrationFile('0002_two.sql', '-- causeway: compatible\nselect 1', 2).summary, '');
});
