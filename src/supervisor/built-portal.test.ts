import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { builtPortal } from './built-portal.ts';
import { createLog } from './log.ts';

const checkout = path.join(import.meta.dirname, '..', '..');
let directory = '';
let written = '';
const log = createLog('supervisor', (text) => void (written += text));

before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'cw-built-'));
});
after(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A program in the place of src/portal-build, as the supervisor names it: below the checkout. */
async function program(text: string): Promise<string> {
  const file = path.join(directory, 'main.mjs');
  await writeFile(file, text);
  written = '';
  return path.relative(checkout, file);
}

test('the directory that the build names is where the portal is; what it says goes to the log', async () => {
  const build = await program("console.error('sign-in 1 kB');\nconsole.log('/var/cache/causeway/portal-abc');\n");
  assert.equal(await builtPortal(build, log), '/var/cache/causeway/portal-abc');
  assert.match(written, /sign-in 1 kB/);
});

test('a build that fails is told with its reason, and there is no portal', async () => {
  const build = await program("console.error('Could not resolve ./absent.ts');\nprocess.exit(1);\n");
  assert.equal(await builtPortal(build, log), null);
  assert.match(written, /supervisor warn the portal could not be built; the API serves without it reason=.*Could not resolve/);
});

test('so is one that is not there', async () => {
  assert.equal(await builtPortal('src/portal-build/nothing.ts', log), null);
  assert.match(written, /could not be built/);
});

test('it is given nothing of our environment but where a cache is', async () => {
  process.env['NODE_OPTIONS_OF_NOBODY'] = 'secret';
  try {
    const build = await program("console.log(Object.keys(process.env).sort().join(','));\n");
    const names = (await builtPortal(build, log))?.split(',') ?? [];
    assert.ok(!names.includes('NODE_OPTIONS_OF_NOBODY'), names.join(' '));
    assert.ok(!names.includes('DATABASE_URL'), names.join(' '));
  } finally {
    delete process.env['NODE_OPTIONS_OF_NOBODY'];
  }
});
