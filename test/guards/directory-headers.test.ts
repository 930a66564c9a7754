import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sourceFiles } from '../runner/sources.ts';
import { directoriesWithoutHeader } from './directory-headers.ts';

const root = join(import.meta.dirname, '..', '..');

const header = '/** What this directory is for, in one sentence. Tests: beside the files. */\n';

describe('directory headers', () => {
  it('are in every directory of src/', () => {
    const sources = sourceFiles(root)
      .filter((path) => path.startsWith('src/'))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
    assert.equal(directoriesWithoutHeader(sources).join('\n'), '');
  });

  it('are missed in a directory that has none', () => {
    const found = directoriesWithoutHeader([
      { path: 'src/a/main.ts', text: header },
      { path: 'src/a/deep/x.ts', text: 'export const x = 1;\n' },
    ]);
    assert.deepEqual(found.length, 1);
    assert.match(found[0] ?? '', /^src\/a\/deep has neither/);
  });

  it('are missed in a part that does not name its tests', () => {
    const found = directoriesWithoutHeader([
      { path: 'src/a/main.ts', text: '/** What this directory is for, in one sentence and no more. */\n' },
    ]);
    assert.match(found.join(), /^src\/a says nowhere how its tests are run/);
  });

  it('are not taken from a test, nor from a comment that says nothing', () => {
    const found = directoriesWithoutHeader([
      { path: 'src/a/x.test.ts', text: header },
      { path: 'src/a/x.ts', text: '/** Short. */\n' },
    ]);
    assert.equal(found.length, 1);
  });
});
