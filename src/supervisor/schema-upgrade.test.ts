import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { createLog } from './log.ts';
import { SchemaUpgrade } from './schema-upgrade.ts';
import type { BackUp } from './schema-upgrade.ts';

let data = '';
let lines: string[] = [];
let sent: object[] = [];
const channel = {
  send: async (message: object) => {
    sent.push(message);
    await Promise.resolve();
  },
};
const log = createLog('test', (text) => lines.push(text));
const clock = () => new Date('2026-12-01T10:00:00.000Z');

beforeEach(async () => {
  data = await mkdtemp(path.join(os.tmpdir(), 'cw history-'));
  [lines, sent] = [[], []];
});
afterEach(async () => {
  await rm(data, { recursive: true, force: true });
});

const open = async (version: string, backUp?: BackUp) =>
  await SchemaUpgrade.open({ data, program: { version, commit: null }, backUp, log, clock });
const ran = (schema: string, applied: string[] = []) => ({ kind: 'schema', schema, applied, server: '18.4' });
const ask = { kind: 'back-up-first', pending: ['0019_new.sql'], schema: '0018_old.sql' };
const refusal = {
  kind: 'cannot-start',
  code: 'newer-schema',
  sentence: 'opening the database: 0019_new.sql',
  schema: '0018_old.sql',
};

/** The old version has run, the new one has made a backup and migrated. */
async function upgraded(): Promise<void> {
  const old = await open('1.0.0');
  await old.receive(ran('0018_old.sql'), channel);
  await old.settled();
  const next = await open('2.0.0', async ({ schema }) => await Promise.resolve(`${data}/backups/${schema}`));
  assert.equal(next.start.previousVersion, '1.0.0');
  await next.receive(ask, channel);
  await next.receive(ran('0019_new.sql', ['0019_new.sql']), channel);
  await next.settled();
}

test('the old version says from which backup and with which command to go back', async () => {
  await upgraded();
  assert.deepEqual(sent, [{ kind: 'backed-up', file: `${data}/backups/0018_old.sql` }]);
  const failure = await (await open('1.0.0')).receive(refusal, channel);
  assert.equal(failure?.exitCode, 1);
  assert.equal(
    failure?.message,
    'opening the database: 0019_new.sql: start the newer version, 2.0.0; or go back to 2026-12-01T10:00:00.000Z, before the upgrade, with ' +
      `"causeway restore '${data}/backups/0018_old.sql' --data '${data}' --replace"; what was changed since then is lost.`,
  );
});

test('a backup of a schema that the old version does not know either is no way back', async () => {
  await upgraded();
  const failure = await (await open('0.9.0')).receive({ ...refusal, schema: '0017_older.sql' }, channel);
  assert.match(failure?.message ?? '', /start the newer version, 2\.0\.0; or no backup of before the upgrade is recorded in /);
});

test('a backup is made once for one schema, and one that fails is told with its reason and leaves no line', async () => {
  let made = 0;
  const upgrade = await open('2.0.0', async () => {
    made += 1;
    if (made === 1) throw new Error('ENOSPC: no space left on device, write');
    return await Promise.resolve('/b');
  });
  for (let asked = 0; asked < 3; asked += 1) await upgrade.receive(ask, channel);
  assert.deepEqual(sent.slice(1), [
    { kind: 'backed-up', file: '/b' },
    { kind: 'backed-up', file: '/b' },
  ]);
  assert.match(JSON.stringify(sent[0]), /not-backed-up.*the file system of .* is full/);
  assert.equal(made, 2);
  const history: { backups: unknown[] } = JSON.parse(await readFile(path.join(data, 'history.json'), 'utf8'));
  assert.equal(history.backups.length, 1);
});

test('starts of the same program are one line, and a record that cannot be read holds up nothing', async () => {
  for (const version of ['1.0.0', '1.0.0', '1.0.1']) {
    const upgrade = await open(version);
    await upgrade.receive(ran('0018_old.sql'), channel);
    await upgrade.settled();
  }
  const history: { runs: { version: string }[] } = JSON.parse(await readFile(path.join(data, 'history.json'), 'utf8'));
  assert.deepEqual(
    history.runs.map(({ version }) => version),
    ['1.0.0', '1.0.1'],
  );
  await writeFile(path.join(data, 'history.json'), '{"format":1,');
  const upgrade = await open('1.0.1');
  assert.equal(upgrade.start.previousVersion, null);
  assert.match(lines.join(''), /the record of what ran here cannot be read and begins anew/);
});

test('words with control characters, and what is no message, move nothing', async () => {
  const upgrade = await open('1.0.0');
  for (const message of [{ ...refusal, sentence: 'a\u001b[2J' }, { ...ran('../x') }, { kind: 'ready' }, null]) {
    assert.equal(await upgrade.receive(message, channel), undefined);
  }
  assert.deepEqual(sent, []);
});
