import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRun, npmClosure } from './npm-closure.ts';
import { importedPackages, ownerOf } from './shipped-sources.ts';
import { packagesFor } from './relations.ts';

const locked = {
  'node_modules/a': { dependencies: { b: '^1', c: '^1' }, peerDependencies: { p: '1' }, optionalDependencies: { native: '1' } },
  'node_modules/a/node_modules/b': { dependencies: { c: '^1' } },
  'node_modules/b': {},
  'node_modules/c': { dependencies: { a: '1' }, peerDependencies: { q: '1' }, peerDependenciesMeta: { q: { optional: true } } },
  'node_modules/p': {},
  'node_modules/native': {},
  'node_modules/unused': {},
};

describe('npmClosure', () => {
  it('finds what is needed as Node does, once each, and leaves out what is optional and not there', () => {
    const installed = (directory: string) => directory !== 'node_modules/native';
    assert.deepEqual(npmClosure(locked, ['a'], installed), [
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/c',
      'node_modules/p',
    ]);
  });

  it('names what is needed and not there, and by whom', () => {
    assert.throws(
      () => npmClosure(locked, ['a'], (directory) => directory !== 'node_modules/p'),
      /^Error: p, which node_modules\/a needs/,
    );
    assert.throws(() => npmClosure(locked, ['x'], () => true), /x, which the sources import/);
  });
});

describe('what is shipped', () => {
  it('of an npm package: what is read at run time, and licences', () => {
    for (const file of [
      'index.js',
      'dist/doc/Document.js',
      'LICENSE.md',
      'package.json',
      'native/bin/postgres',
      'native/share/postgresql/x.sql',
    ])
      assert.equal(isRun(file), true, file);
    for (const file of [
      'index.d.ts',
      'index.js.map',
      'README.md',
      'test/a.js',
      'dist-es/index.js',
      'lib/libpq.a',
      '.github/x.js',
      'bin.js',
    ])
      assert.equal(isRun(file), false, file);
  });

  it('of the sources: each belongs to one package or to none', () => {
    assert.equal(ownerOf('src/gateway/main.ts'), 'causeway-gateway');
    assert.equal(ownerOf('src/controller/store/migrations/0001_first_schema.sql'), 'causeway');
    assert.equal(ownerOf('src/connector/agent/main.sh'), 'causeway');
    assert.equal(ownerOf('src/launcher/debian-packages.txt'), 'causeway');
    for (const file of [
      'src/a/b.test.ts',
      'src/portal/main.tsx',
      'src/gateway/testing/x.ts',
      'src/launcher/modules.sh',
      'test/runner/main.ts',
    ])
      assert.equal(ownerOf(file), undefined, file);
  });

  it('finds imports of every form, and none in a text', () => {
    const text = `import { z } from 'zod/v4';\nimport {\n  a,\n  type B,\n} from '@x/y/deep.js';\nimport 'side';\nexport * from "./own.ts";\n`;
    assert.deepEqual(
      importedPackages([
        text,
        `import path from 'node:path';\nconst m = await import('late');\nthrow new Error("from 'nowhere'");`,
      ]),
      ['@x/y', 'late', 'side', 'zod'],
    );
  });

  it('takes the Debian packages from the table of the launcher', () => {
    const table =
      '# commands program package\nup,lab  openvpn  openvpn\nup  setpriv  util-linux\nlab  curl  curl\nup,lab nft nftables\n';
    assert.deepEqual(packagesFor(table, 'up'), ['nftables', 'openvpn']);
    assert.deepEqual(packagesFor(table, 'lab'), ['curl', 'nftables', 'openvpn']);
  });
});
