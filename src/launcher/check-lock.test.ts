import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lockDifferences } from './check-lock.ts';

const lock = {
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/b': { version: '2.0.0', integrity: 'sha512-b' },
  'node_modules/a/node_modules/b': { version: '1.9.0', integrity: 'sha512-c' },
};

describe('lockDifferences', () => {
  const cases: readonly {
    readonly name: string;
    readonly installed: Parameters<typeof lockDifferences>[1];
    readonly says: readonly RegExp[];
  }[] = [
    { name: 'all of the lock', installed: lock, says: [] },
    { name: 'a part of the lock', installed: { 'node_modules/a': lock['node_modules/a'] }, says: [] },
    {
      name: 'another version',
      installed: { 'node_modules/b': { version: '2.0.1', integrity: 'sha512-b' } },
      says: [/^node_modules\/b is installed as 2\.0\.1, and the lock has 2\.0\.0$/],
    },
    {
      name: 'other bytes',
      installed: { 'node_modules/b': { version: '2.0.0', integrity: 'sha512-x' } },
      says: [/integrity sha512-x, and the lock has sha512-b/],
    },
    { name: 'bytes that nobody checked', installed: { 'node_modules/b': { version: '2.0.0' } }, says: [/has integrity none/] },
    {
      name: 'a package too many',
      installed: { 'node_modules/c': { version: '1.0.0', integrity: 'x' } },
      says: [/the lock does not have it/],
    },
    {
      name: 'the right package in another place',
      installed: { 'node_modules/b/node_modules/a': lock['node_modules/a'] },
      says: [/does not have it/],
    },
    { name: 'a link', installed: { 'node_modules/a': { link: true } }, says: [/is a link/] },
  ];
  for (const { name, installed, says } of cases) {
    it(name, () => {
      const found = lockDifferences(lock, installed);
      assert.equal(found.length, says.length, found.join('\n'));
      says.forEach((pattern, index) => {
        assert.match(found[index] ?? '', pattern);
      });
    });
  }
});
