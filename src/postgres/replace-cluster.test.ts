import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { clusterVersion } from './cluster-version.ts';
import { keepBinaries, keptPackage } from './kept-binaries.ts';
import { clusterBeingMade, finishReplacing, removeOldClusters, replaceCluster } from './replace-cluster.ts';

let directory = '';
let data = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'cw-replace-'));
  data = path.join(directory, 'data');
  await cluster(data, '17');
  await cluster(clusterBeingMade(data), '18');
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function cluster(at: string, version: string): Promise<void> {
  await mkdir(at);
  await writeFile(path.join(at, 'PG_VERSION'), `${version}\n`);
}

const majorOf = async (at: string): Promise<unknown> => {
  const found = await clusterVersion(at);
  return found.kind === 'major' ? found.major : found.kind;
};

async function assertReplaced(): Promise<void> {
  assert.deepEqual((await readdir(directory)).toSorted(), ['data', 'data-17']);
  assert.deepEqual([await majorOf(data), await majorOf(`${data}-17`)], [18, 17]);
}

test('the new cluster takes the place of the old one, which stays beside it', async () => {
  await replaceCluster(data);
  await assertReplaced();
  await finishReplacing(data);
  await assertReplaced();
});

test('cut off at each step, the next start has the old cluster or finishes', async () => {
  await finishReplacing(data);
  assert.equal(await majorOf(data), 17, 'what is not complete does not count');
  await rename(clusterBeingMade(data), `${data}.upgraded`);
  await finishReplacing(data);
  await assertReplaced();
  // The old one aside, and nothing at its place yet.
  await rename(data, `${data}.upgraded`);
  await finishReplacing(data);
  await assertReplaced();
});

test('the old cluster goes after a week, and nothing else does', async () => {
  await replaceCluster(data);
  const day_ms = 24 * 3_600_000;
  assert.deepEqual(await removeOldClusters(data, new Date(Date.now() + 6 * day_ms)), []);
  assert.deepEqual(await removeOldClusters(data, new Date(Date.now() + 8 * day_ms)), [`${data}-17`]);
  assert.deepEqual(await readdir(directory), ['data']);
});

test('a version that no PostgreSQL has written is unknown', async () => {
  for (const text of ['', 'eighteen', '18.4', '9.6\n', '18\n18\n']) {
    await writeFile(path.join(data, 'PG_VERSION'), text);
    assert.equal(await majorOf(data), 'unknown', JSON.stringify(text));
  }
});

test('the programs of a server are kept whole, once, and replaced by those of another version of it', async () => {
  const made = path.join(directory, 'package');
  const version = async (text: string) => {
    await rm(made, { recursive: true, force: true });
    await mkdir(path.join(made, 'native', 'bin'), { recursive: true });
    await writeFile(path.join(made, 'package.json'), JSON.stringify({ version: text }));
    await writeFile(path.join(made, 'native', 'bin', 'postgres'), text, { mode: 0o755 });
  };
  const kept = path.join(keptPackage(directory, 18), 'native', 'bin', 'postgres');
  await version('18.4.0-beta.17');
  // What a run that was cut off has left.
  await mkdir(`${keptPackage(directory, 18)}.new`);
  await keepBinaries(made, directory);
  const first = await stat(kept);
  assert.equal(first.mode & 0o777, 0o755);
  await keepBinaries(made, directory);
  assert.equal((await stat(kept)).ino, first.ino);
  await version('18.5.0');
  await keepBinaries(made, directory);
  assert.equal(await readFile(kept, 'utf8'), '18.5.0');
  assert.deepEqual((await readdir(directory)).toSorted(), ['data', 'data.upgrading', 'package', 'server-18']);
});
