import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Migration } from '../controller/store/migrate.ts';
import { requireKnownSchema } from './known-schema.ts';

const known: readonly Migration[] = ['0001_first.sql', '0002_second.sql'].map((name, index) => ({
  number: index + 1,
  name,
  breaking: false,
  sql: '',
  sha256: String(index + 1).repeat(64),
}));
const stated = (...migrations: readonly Migration[]) => ({ programVersion: '9.0.0', migrations });

test('a schema of this version or an older one is known', () => {
  requireKnownSchema(stated(...known), known);
  requireKnownSchema(stated(...known.slice(0, 1)), known);
});

test('a newer schema is refused, with the version that made it and what to do', () => {
  const newer = { number: 3, name: '0003_third.sql', breaking: false, sql: '', sha256: '3'.repeat(64) };
  assert.throws(
    () => requireKnownSchema(stated(...known, newer), known),
    /made by Causeway 9\.0\.0: its schema has 0003_third\.sql, which this version does not know; restore it with that version or a newer/,
  );
});

test('a schema that went another way is refused', () => {
  const [first, second] = known;
  assert.ok(first !== undefined && second !== undefined);
  const other = { ...second, name: '0002_other.sql', sha256: 'f'.repeat(64) };
  assert.throws(
    () => requireKnownSchema(stated(first, other), known),
    /its 0002_other\.sql is another one than that of this version/,
  );
});
