import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { levels, testFiles } from './levels.ts';
import { shellScripts, sourceFiles } from './sources.ts';
import { allMayEnter } from './visible-checkout.ts';

const root = join(import.meta.dirname, '..', '..');

async function withTree(files: Readonly<Record<string, string>>, test: (tree: string) => Promise<void>): Promise<void> {
  const tree = await mkdtemp(join(tmpdir(), 'cw-runner-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, file)), { recursive: true });
      await writeFile(join(tree, file), text);
    }
    await test(tree);
  } finally {
    await rm(tree, { recursive: true });
  }
}

const passing = "import { it } from 'node:test';\nit('one', () => {});\nit('two', () => {});\n";

/** In a process of its own, since node:test runs no files inside a test; it knows by the variable that is left out here. */
async function runIn(files: Readonly<Record<string, string>>): Promise<{ line: string; written: string }> {
  const { NODE_TEST_CONTEXT: _inTest, ...environment } = process.env;
  const program = `
    import { countLine } from ${JSON.stringify(join(import.meta.dirname, 'count.ts'))};
    import { runTestFiles } from ${JSON.stringify(join(import.meta.dirname, 'test-files.ts'))};
    const write = (text) => process.stdout.write(text);
    write(countLine(await runTestFiles(process.cwd(), ${JSON.stringify(Object.keys(files))}, { concurrency: 2, testTimeoutMs: 2000, fileTimeoutMs: 6000 }, write)));`;
  let result = { line: '', written: '' };
  await withTree({ ...files, 'run.mjs': program }, async (tree) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['run.mjs'], {
      cwd: tree,
      timeout: 20_000,
      env: environment,
    });
    const lineStart = stdout.lastIndexOf('\n') + 1;
    result = { line: stdout.slice(lineStart), written: stdout.slice(0, lineStart) };
  });
  return result;
}

describe('the runner', () => {
  it('counts tests of all files and writes nothing when they pass', async () => {
    assert.deepEqual(await runIn({ 'a.test.ts': passing, 'b.test.ts': passing }), { line: '4 passed, 0 failed', written: '' });
  });

  const failures: readonly { readonly name: string; readonly text: string; readonly line: string; readonly says: RegExp }[] = [
    {
      name: 'a test that fails, inside suites, with its difference and its output',
      text: "import assert from 'node:assert/strict';\nimport { describe, it } from 'node:test';\ndescribe('s', () => {\n  it('good', () => {});\n  it('bad', () => {\n    console.error('from the server');\n    assert.equal(1, 2);\n  });\n});\n",
      line: '1 passed, 1 failed',
      says: /^FAILED bad {2}\(a\.test\.ts:5\)\n[\s\S]*1 !== 2[\s\S]*output of a\.test\.ts:\n {4}from the server\n$/,
    },
    {
      name: 'a file that cannot be loaded',
      text: "import './absent.ts';\n",
      line: '0 passed, 1 failed',
      says: /FAILED a\.test\.ts[\s\S]*absent\.ts/,
    },
    {
      name: 'a hook that fails',
      text: "import { before, describe, it } from 'node:test';\ndescribe('s', () => {\n  before(() => {\n    throw new Error('no database');\n  });\n  it('one', () => {});\n});\n",
      line: '0 passed, 1 failed',
      says: /no database/,
    },
    {
      name: 'a test that never ends',
      text: "import { it } from 'node:test';\nit('hangs', async () => {\n  await new Promise((resolve) => setTimeout(resolve, 600_000));\n});\n",
      line: '0 passed, 2 failed',
      says: /hangs[\s\S]*timed out after 2000ms[\s\S]*FAILED a\.test\.ts\n {4}it did not end within 6 s/,
    },
    {
      name: 'a promise that is rejected after its test',
      text: "import { it } from 'node:test';\nit('one', () => {\n  setImmediate(() => Promise.reject(new Error('late')));\n});\nit('two', async () => {\n  await new Promise((resolve) => setTimeout(resolve, 50));\n});\n",
      line: '2 passed, 1 failed',
      says: /late/,
    },
  ];
  for (const { name, text, line, says } of failures) {
    it(`shows and counts ${name}`, async () => {
      const ran = await runIn({ 'a.test.ts': text });
      assert.match(ran.written, says);
      assert.equal(ran.line, line);
    });
  }

  it('names a test that was skipped, and counts it neither way', async () => {
    const ran = await runIn({
      'a.test.ts':
        "import { it } from 'node:test';\nit('needs 2.7', { skip: 'no OpenVPN 2.7 here' }, () => {});\nit('x', () => {});\n",
    });
    assert.deepEqual(ran, { line: '1 passed, 0 failed', written: 'not run: needs 2.7 (no OpenVPN 2.7 here)\n' });
  });
});

describe('levels', () => {
  it('have every test file of this repository exactly once', () => {
    const all = sourceFiles(root).filter((file) => file.endsWith('.test.ts'));
    const belonging = levels.flatMap((level) => testFiles(root, level));
    assert.deepEqual(belonging.toSorted(), all.toSorted());
  });
});

describe('a checkout', () => {
  it('that others cannot enter, at any height, is noticed', async () => {
    await withTree({ 'a/b/c.ts': '' }, async (tree) => {
      const inner = join(tree, 'a', 'b');
      await chmod(tree, 0o755);
      assert.equal(allMayEnter(inner), true);
      await chmod(join(tree, 'a'), 0o700);
      assert.equal(allMayEnter(inner), false);
    });
  });
});

describe('sources', () => {
  it('know shell scripts by name and by first line', async () => {
    const files = {
      'a.sh': 'true\n',
      b: '#!/usr/bin/env bash\n',
      c: '#!/usr/bin/env node\n',
      d: 'text\n',
      'node_modules/e.sh': 'true\n',
      'f.ts': '#!/bin/sh\n',
    };
    await withTree(files, (tree) => {
      assert.deepEqual(shellScripts(tree).toSorted(), ['a.sh', 'b']);
      return Promise.resolve();
    });
  });
});
