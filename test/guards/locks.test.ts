import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { sourceFiles } from '../runner/sources.ts';
import { lockProblems, rangeProblems } from './locks.ts';

const root = join(import.meta.dirname, '..', '..');

function sourcesCalled(name: string) {
  const found = sourceFiles(root).filter((path) => basename(path) === name);
  assert.ok(found.length >= 2, `the root's and the launcher's ${name} should have been found, not ${found.join(', ')}`);
  return found.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

describe('locks', () => {
  it('pin bytes and name no place to get them from', () => {
    assert.equal(sourcesCalled('package-lock.json').flatMap(lockProblems).join('\n'), '');
  });

  it('package.json pins exact versions', () => {
    assert.equal(sourcesCalled('package.json').flatMap(rangeProblems).join('\n'), '');
  });

  it('a place to get it from is found', () => {
    const text = JSON.stringify({
      packages: { '': {}, 'node_modules/a': { version: '1.0.0', resolved: 'https://mirror/a.tgz', integrity: 'sha512-x' } },
    });
    assert.match(lockProblems({ path: 'p', text }).join(), /names where it was downloaded/);
  });

  it('a missing integrity is found', () => {
    const text = JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } });
    assert.deepEqual(lockProblems({ path: 'p', text }), ['p: node_modules/a has no integrity']);
  });

  it('an empty lock is found', () => {
    assert.deepEqual(lockProblems({ path: 'p', text: '{}' }), ['p has no packages']);
  });

  it('a second version of a package under another name is pinned as well', () => {
    for (const version of ['npm:a@1.0.0', 'npm:@b/c@1.0.0-beta.1']) {
      assert.deepEqual(rangeProblems({ path: 'p', text: JSON.stringify({ devDependencies: { a: version } }) }), [], version);
    }
  });

  it('a range is found', () => {
    for (const version of ['^1.0.0', '~1.0.0', '1.x', '*', 'latest', 'github:a/b', 'npm:a@^1.0.0', 'npm:@b/c@latest']) {
      assert.equal(rangeProblems({ path: 'p', text: JSON.stringify({ devDependencies: { a: version } }) }).length, 1, version);
    }
  });
});
