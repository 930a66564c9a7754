import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sourceFiles } from '../runner/sources.ts';
import { placesIn } from './places.ts';

const root = join(import.meta.dirname, '..', '..');

describe('places', () => {
  it('no tracked file names a package registry or a path of one machine', () => {
    const sources = sourceFiles(root).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
    assert.equal(sources.flatMap(placesIn).join('\n'), '');
  });

  const planted = [
    ['https://registry', 'npmjs', 'org/pg'].join('.'),
    ['https://registry', 'yarnpkg', 'com/pg'].join('.'),
    ['http://deb', 'debian', 'org/debian'].join('.'),
    ['http://ftp', 'de', 'debian', 'org/debian'].join('.'),
    ['https://pypi', 'org/simple'].join('.'),
    ['', 'home', 'somebody', 'causeway'].join('/'),
    ['see ', 'Users', 'somebody', 'causeway'].join('/'),
    ['', 'work', 'main'].join('/'),
  ];
  for (const line of planted) {
    it(`finds ${line}`, () => {
      assert.equal(placesIn({ path: 'p', text: `first\n${line}\n` }).length, 1);
      assert.match(placesIn({ path: 'p', text: `first\n${line}\n` })[0] ?? '', /^p:2 names/);
    });
  }

  it('does not mind a network, a relative path or a URL path', () => {
    for (const line of ['https://example.com/home/x', 'src/work/main.ts', 'ssh://host.home/x', '/var/lib/causeway/']) {
      assert.deepEqual(placesIn({ path: 'p', text: line }), []);
    }
  });
});
