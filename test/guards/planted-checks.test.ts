import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { Check } from '../runner/checks.ts';
import { checks, runChecks } from '../runner/checks.ts';

const root = join(import.meta.dirname, '..', '..');

/** The settings that the checks read; a planted tree has the real ones. */
const settings = [
  'tsconfig.json',
  '.oxlintrc.json',
  'biome.json',
  'knip.json',
  'package.json',
  'package-lock.json',
  'src/launcher/check-lock.ts',
  'src/portal/tsconfig.json',
];

/** A tree in which every check passes, so that a planted file is the only thing that can fail. */
const sound: Readonly<Record<string, string>> = {
  causeway: '#!/bin/sh\nset -eu\nprintf "%s\\n" "$0"\n',
  'src/connector/agent.sh': '#!/bin/sh\nset -eu\nprintf "%s\\n" "$0"\n',
  'src/cli/main.ts': "import { name } from './name.ts';\n\nprocess.stdout.write(name);\n",
  'src/cli/name.ts': "export const name = 'sound';\n",
  'src/portal/main.tsx': "document.title = 'sound';\n",
  'test/runner/main.ts': 'export {};\n',
};

/** Runs the checks whose name starts with `names` over a tree with the planted files; returns what was written, '' when all passed. */
async function checked(names: readonly string[], planted: Readonly<Record<string, string>>): Promise<string> {
  const tree = await mkdtemp(join(tmpdir(), 'cw-planted-'));
  try {
    for (const file of settings) await place(tree, file, await readFile(join(root, file), 'utf8'));
    for (const [file, text] of Object.entries({ ...sound, ...planted })) await place(tree, file, text);
    await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
    const list = checks(tree).filter((check: Check) => names.some((name) => check.name.startsWith(name)));
    assert.ok(list.length >= names.length, `not every one of ${names.join(', ')} is a check`);
    let written = '';
    const count = await runChecks(tree, (text) => void (written += text), list);
    assert.equal(count.passed + count.failed, list.length);
    assert.equal(count.failed > 0, written !== '');
    return written;
  } finally {
    await rm(tree, { recursive: true });
  }
}

async function place(tree: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(tree, file)), { recursive: true });
  await writeFile(join(tree, file), text);
}

describe('checks', () => {
  it('pass in a sound tree', async () => {
    // Dead code is left out here: the tree has none of the code that uses our dependencies.
    const all = ['types', 'lint', 'format', 'shell', 'causeway in dash', 'src/connector/agent.sh in', 'installed packages'];
    assert.equal(await checked(all, {}), '');
  });

  const plantings: readonly {
    readonly name: string;
    readonly check: string;
    readonly files: Record<string, string>;
    readonly says: RegExp;
  }[] = [
    {
      name: 'a type error',
      check: 'types',
      files: { 'src/cli/planted.ts': 'export const list: number[] = [];\nexport const first: number = list[0];\n' },
      says: /planted\.ts.*TS2322/,
    },
    {
      name: 'a type error in the portal',
      check: 'types of the portal',
      files: { 'src/portal/planted.tsx': 'export const planted = <p title={1}>{document.title}</p>;\n' },
      says: /planted\.tsx.*TS2322/,
    },
    {
      name: 'syntax that cannot be erased',
      check: 'types',
      files: { 'src/cli/planted.ts': 'export enum A {\n  B,\n}\n' },
      says: /TS1294/,
    },
    {
      name: 'a floating promise',
      check: 'lint',
      files: {
        'src/cli/planted.ts': 'async function later(): Promise<void> {}\n\nexport function now(): void {\n  later();\n}\n',
      },
      says: /no-floating-promises/,
    },
    {
      name: 'a cycle',
      check: 'lint',
      files: {
        'src/cli/one.ts': "import { two } from './two.ts';\n\nexport const one = (): number => two();\n",
        'src/cli/two.ts': "import { one } from './one.ts';\n\nexport const two = (): number => one();\n",
      },
      says: /no-cycle/,
    },
    { name: 'a barrel', check: 'lint', files: { 'src/cli/barrel.ts': "export * from './name.ts';\n" }, says: /no-barrel-file/ },
    { name: 'any', check: 'lint', files: { 'src/cli/planted.ts': 'export const a: any = 1;\n' }, says: /no-explicit-any/ },
    {
      name: 'a non-null assertion',
      check: 'lint',
      files: { 'src/cli/planted.ts': "export const a: string = ['a'][0]!;\n" },
      says: /no-non-null-assertion/,
    },
    {
      name: 'a value import of a type',
      check: 'lint',
      files: {
        'src/cli/planted.ts':
          "import { Socket } from 'node:net';\n\nexport const a = (socket: Socket): boolean => socket.destroyed;\n",
      },
      says: /consistent-type-imports/,
    },
    {
      name: 'a switch that misses a case',
      check: 'lint',
      files: {
        'src/cli/planted.ts':
          "export function f(kind: 'a' | 'b'): number {\n  switch (kind) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
      },
      says: /switch-exhaustiveness-check/,
    },
    {
      name: 'another format',
      check: 'format',
      files: { 'src/cli/planted.ts': 'export const a = "double"\n' },
      says: /format --write/,
    },
    {
      name: 'a file that nothing uses',
      check: 'dead code',
      files: { 'src/cli/planted.ts': 'export const a = 1;\n' },
      says: /Unused files[\s\S]*planted\.ts/,
    },
    {
      name: 'an export that nothing uses',
      check: 'dead code',
      files: { 'src/cli/name.ts': "export const name = 'x';\n\nexport const unused = 1;\n" },
      says: /Unused exports[\s\S]*unused/,
    },
    { name: 'an unquoted variable', check: 'shell', files: { 'src/connector/agent.sh': '#!/bin/sh\nrm $1\n' }, says: /SC2086/ },
    {
      name: 'a script known by its first line',
      check: 'shell',
      files: { 'src/connector/install': '#!/bin/sh\nrm $1\n' },
      says: /SC2086/,
    },
    {
      name: 'bash in the launcher',
      check: 'causeway in dash',
      files: { causeway: '#!/bin/sh\na=(1 2)\n' },
      says: /[Ss]yntax error/,
    },
    {
      name: 'what busybox cannot read',
      check: 'src/connector/agent.sh in busybox',
      files: { 'src/connector/agent.sh': '#!/bin/sh\nif true; then\n' },
      says: /syntax error/,
    },
    {
      name: 'another version than the lock has',
      check: 'installed packages',
      files: {},
      says: /node_modules\/zod is installed as .*, and the lock has 0\.0\.1/,
    },
  ];
  for (const { name, check, files, says } of plantings) {
    it(`find ${name}`, async () => {
      const lock = check === 'installed packages' ? { 'package-lock.json': await lockWithOtherZod() } : {};
      assert.match(await checked([check], { ...files, ...lock }), says);
    });
  }
});

async function lockWithOtherZod(): Promise<string> {
  const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
  const changed = lock.replace(/("node_modules\/zod": \{\s*"version": ")[^"]+/, '$10.0.1');
  assert.notEqual(changed, lock);
  return changed;
}
