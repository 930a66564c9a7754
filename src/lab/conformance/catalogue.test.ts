import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingCodes } from '../../core/trace/finding-code.ts';
import { conformanceFaults } from './catalogue.ts';
import { notInjectable } from './not-injectable.ts';

test('every code of the catalogue is injected, or listed with the reason why not, and none is both', () => {
  const injected = new Set<string>([...conformanceFaults.values()].map(({ code }) => code));
  const listed = new Set(Object.keys(notInjectable));
  assert.deepEqual(
    findingCodes.filter((code) => injected.has(code) === listed.has(code)),
    [],
  );
});

test('a fault is named after its code', () => {
  for (const [name, { code }] of conformanceFaults) assert.ok(name === code || name.startsWith(`${code}-`), name);
});
