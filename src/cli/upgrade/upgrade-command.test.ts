import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { upgradeCheck } from '../../contract/cli/upgrade.ts';
import { causeway } from '../test-cli.ts';

let data = '';
beforeEach(async () => {
  data = await mkdtemp(path.join(tmpdir(), 'cw-upgrade-'));
});
afterEach(async () => {
  await rm(data, { recursive: true, force: true });
});

async function check() {
  const { code, out } = await causeway(['upgrade', '--check', '--json', '--data', data]);
  return { code, found: upgradeCheck.parse(JSON.parse(out)) };
}

async function cluster(version: string): Promise<void> {
  const base = path.join(data, 'pg', 'data', 'base', '1');
  await mkdir(base, { recursive: true });
  await writeFile(path.join(base, '1259'), Buffer.alloc(20_000_000));
  await writeFile(path.join(data, 'pg', 'data', 'PG_VERSION'), `${version}\n`);
}

test('a directory that was never used: nothing changes, nothing is in the way', async () => {
  const { code, found } = await check();
  assert.equal(code, 0);
  assert.deepEqual([found.lastRun, found.running, found.migrations, found.backup], [null, null, [], null]);
  assert.deepEqual(found.database, { now: null, after: 18 });
  assert.match(found.installed.schema, /^\d{4}_/);
});

test('a database of a version that kept no record: every later migration is pending, with a backup before', async () => {
  await cluster('18');
  const { code, found } = await check();
  assert.equal(code, 0);
  assert.deepEqual(found.database, { now: 18, after: 18 });
  assert.ok(found.migrations.every(({ name }) => name > '0018'));
  assert.equal(found.backup?.neededBytes ?? 20_000_000, 20_000_000);
});

test('a database of another major version is named, and ends with 1', async () => {
  for (const [version, code] of [
    ['17', 'database-binaries'],
    ['99', 'database-newer'],
  ] as const) {
    await cluster(version);
    const checked = await check();
    assert.deepEqual([checked.code, checked.found.problems.map((problem) => problem.code)], [1, [code]]);
  }
});

test('a record that is damaged is as none, and one of a newer program is told', async () => {
  await cluster('18');
  await writeFile(path.join(data, 'history.json'), '{');
  assert.equal((await check()).code, 0);
  const start = '2026-11-27T12:00:00.000Z';
  const run = { version: '9.0.0', commit: null, schema: '9000_later.sql', server: '18.4', firstStart: start, lastStart: start };
  await writeFile(path.join(data, 'history.json'), JSON.stringify({ format: 1, runs: [run], backups: [] }));
  const { code, found } = await check();
  assert.deepEqual([code, found.problems.map((problem) => problem.code)], [1, ['newer-schema']]);
});

test('without --check it says how, and changes nothing; --json alone is used wrongly', async () => {
  const { code, out } = await causeway(['upgrade']);
  assert.equal(code, 0);
  assert.match(out, /Nothing was changed\..*\n\n.*(git -C|unpack)/);
  assert.equal((await causeway(['upgrade', '--json'])).code, 2);
});
