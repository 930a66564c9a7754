import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { ensurePortal } from './ensure-portal.ts';
import { portalCache } from './portal-cache.ts';
import { sizesText } from './sizes.ts';

/** A portal of two files: what is tested is how it is built and kept, not what is in ours. */
let root = '';
let cache = '';
before(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'cw-build-'));
  cache = path.join(root, 'cache');
  for (const part of ['src/portal', 'src/contract', 'src/core', 'src/portal-build'])
    await mkdir(path.join(root, part), { recursive: true });
  await writeFile(path.join(root, 'package-lock.json'), '{}');
  await writeFile(path.join(root, 'src/portal/index.html'), '<!doctype html><script type="module" src="./main.ts"></script>');
  await writeFile(path.join(root, 'src/portal/main.ts'), "document.title = 'first';\n");
});
after(async () => {
  await rm(root, { recursive: true, force: true });
});

async function scripts(directory: string): Promise<string> {
  const assets = path.join(directory, 'assets');
  const names = (await readdir(assets)).filter((name) => name.endsWith('.js'));
  return (await Promise.all(names.map(async (name) => await readFile(path.join(assets, name), 'utf8')))).join('');
}

test('a portal is built once, compressed, and found the next time', async () => {
  const [first, atTheSameTime] = await Promise.all([ensurePortal(root, cache), ensurePortal(root, cache)]);
  assert.equal(first.directory, atTheSameTime.directory);
  assert.match(await scripts(first.directory), /first/);
  const page = await readFile(path.join(first.directory, 'index.html'), 'utf8');
  assert.match(page, /src="\/assets\/index-[\w-]+\.js"/);
  assert.equal(brotliDecompressSync(await readFile(path.join(first.directory, 'index.html.br'))).toString(), page);
  assert.match(sizesText(first.sizes ?? assert.fail('nothing was built')), /^portal, first load with brotli:\n/);
  assert.equal((await ensurePortal(root, cache)).sizes, undefined);
  assert.deepEqual(await readdir(cache), [path.basename(first.directory)]);
});

test('other sources are another portal; tests and what was long not asked for are not kept', async () => {
  const before = await ensurePortal(root, cache);
  await writeFile(path.join(root, 'src/portal/a.test.ts'), 'a test\n');
  assert.equal((await ensurePortal(root, cache)).directory, before.directory);
  const old = new Date('2020-01-01');
  const left = path.join(cache, 'portal-new-killed');
  await mkdir(left);
  for (const directory of [before.directory, left]) await utimes(directory, old, old);
  await writeFile(path.join(root, 'src/portal/main.ts'), "document.title = 'second';\n");
  const next = await ensurePortal(root, cache);
  assert.match(await scripts(next.directory), /second/);
  assert.deepEqual(await readdir(cache), [path.basename(next.directory)]);
});

test('what cannot be built is said, and leaves nothing behind', async () => {
  const before = await readdir(cache);
  await writeFile(path.join(root, 'src/portal/main.ts'), "import './absent.ts';\n");
  await assert.rejects(ensurePortal(root, cache), /absent/);
  assert.deepEqual(await readdir(cache), before);
});

test('the cache is the launcher’s', () => {
  assert.equal(portalCache({ HOME: '/x' }, 0), '/var/cache/causeway');
  assert.equal(portalCache({ HOME: '/x' }, 1000), '/x/.cache/causeway');
  assert.equal(portalCache({ HOME: '/x', XDG_CACHE_HOME: '/y' }, 1000), '/y/causeway');
  assert.throws(() => portalCache({}, 1000), /set HOME or XDG_CACHE_HOME/);
});
