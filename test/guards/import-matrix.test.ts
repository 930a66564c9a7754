import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sourceFiles } from '../runner/sources.ts';
import { importViolations } from './import-matrix.ts';

const root = join(import.meta.dirname, '..', '..');

describe('import matrix', () => {
  it('holds for every source', () => {
    const paths = sourceFiles(root).filter((path) => /^src\/.*\.tsx?$/.test(path));
    assert.ok(paths.length > 50, `only ${paths.length} sources were found`);
    assert.equal(importViolations(paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))).join('\n'), '');
  });

  const planted: readonly { readonly name: string; readonly path: string; readonly text: string; readonly says: RegExp }[] = [
    {
      name: 'core importing node:*',
      path: 'src/core/a.ts',
      text: "import { join } from 'node:path';",
      says: /core runs without Node/,
    },
    { name: 'core importing a package', path: 'src/core/a.ts', text: "import { z } from 'zod';", says: /core may import none/ },
    {
      name: 'core importing contract',
      path: 'src/core/ip/a.ts',
      text: "import type { A } from '../../contract/a.ts';",
      says: /core is pure/,
    },
    { name: 'core reading the clock', path: 'src/core/a.ts', text: 'const now = Date.now();', says: /reads the clock/ },
    { name: 'core rolling dice', path: 'src/core/a.ts', text: 'const n = Math.random();', says: /uses randomness/ },
    {
      name: 'core reading the environment',
      path: 'src/core/a.ts',
      text: 'const a = process.env["A"];',
      says: /reaches the process/,
    },
    {
      name: 'controller importing gateway',
      path: 'src/controller/a.ts',
      text: "import { b } from '../gateway/b.ts';",
      says: /over src\/contract/,
    },
    {
      name: 'gateway importing controller',
      path: 'src/gateway/x/a.ts',
      text: "export { b } from '../../controller/b.ts';",
      says: /over src\/contract/,
    },
    {
      name: 'a dynamic import',
      path: 'src/gateway/a.ts',
      text: "const b = await import('../controller/b.ts');",
      says: /over src\/contract/,
    },
    {
      name: 'an import over several lines',
      path: 'src/cli/a.ts',
      text: "import {\n  b,\n  type C,\n} from '../controller/b.ts';",
      says: /over src\/contract/,
    },
    { name: 'an import for its effect', path: 'src/cli/a.ts', text: "import '../gateway/b.ts';", says: /over src\/contract/ },
    {
      name: 'gateway importing a web framework',
      path: 'src/gateway/a.ts',
      text: "import { fastify } from 'fastify';",
      says: /only zod, pino/,
    },
    {
      name: 'gateway importing PKI',
      path: 'src/gateway/a.ts',
      text: "import { X } from '@peculiar/x509';",
      says: /the package @peculiar\/x509/,
    },
    {
      name: 'lab importing controller',
      path: 'src/lab/a.ts',
      text: "import { b } from '../controller/b.ts';",
      says: /what is proven is what runs/,
    },
    {
      name: 'a test that crosses parts',
      path: 'src/cli/a.test.ts',
      text: "import { b } from '../controller/b.ts';",
      says: /over src\/contract/,
    },
    {
      name: 'an import without extension',
      path: 'src/cli/a.ts',
      text: "import { b } from './b';",
      says: /without its extension/,
    },
    { name: 'an import of .js', path: 'src/cli/a.ts', text: "import { b } from './b.js';", says: /without its extension/ },
    {
      name: 'src importing test',
      path: 'src/cli/a.ts',
      text: "import { b } from '../../test/b.ts';",
      says: /does not depend on what tests/,
    },
    { name: 'a part that nobody ruled', path: 'src/misc/a.ts', text: '', says: /not in the import matrix/ },
  ];
  for (const { name, path, text, says } of planted) {
    it(`finds ${name}`, () => {
      const found = importViolations([{ path, text }]);
      assert.equal(found.length, 1);
      assert.match(found[0] ?? '', says);
    });
  }

  it('lets tests share what is for tests', () => {
    const text =
      "import { a } from '../../controller/store/test-database.ts';\nimport { b } from '../../controller/testing/b.ts';\nimport fc from 'fast-check';";
    for (const path of ['src/core/ip/a.test.ts', 'src/core/ip/test-arbitraries.ts'])
      assert.deepEqual(importViolations([{ path, text }]), []);
  });

  it('allows what the design allows', () => {
    const text =
      "import { a } from '../core/a.ts';\nimport { b } from '../contract/b.ts';\nimport { readFile } from 'node:fs/promises';";
    for (const part of ['controller', 'gateway', 'cli', 'supervisor', 'lab']) {
      assert.deepEqual(importViolations([{ path: `src/${part}/a.ts`, text }]), []);
    }
  });
});
