import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createLog } from './log.ts';
import { SetUpLink } from './set-up-link.ts';

const url = (letter: string) => `https://192.0.2.10:8443/set-up#${letter.repeat(43)}`;
const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
let directory = '';
before(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'cw-link-'));
});
after(() => {
  rmSync(directory, { recursive: true });
});

test('the file says what was received last, is closed to others, and is not in the log', async () => {
  let log = '';
  const file = path.join(directory, 'setup-link');
  const link = new SetUpLink(
    file,
    me,
    createLog('test', (text) => (log += text)),
  );
  for (const letter of ['a', 'b', 'c']) link.receive({ kind: 'set-up-link', url: url(letter) });
  await link.settled();
  assert.equal(readFileSync(file, 'utf8'), `${url('c')}\n`);
  assert.equal(statSync(file).mode & 0o7777, 0o600);
  assert.equal(link.url, url('c'));
  link.receive({ kind: 'set-up-link', url: null });
  await link.settled();
  assert.equal(existsSync(file), false);
  assert.equal(link.url, null);
  assert.equal(log, '');
});

test('what is no link of ours is left alone', async () => {
  const file = path.join(directory, 'other');
  const link = new SetUpLink(
    file,
    me,
    createLog('test', () => undefined),
  );
  for (const wrong of [
    { kind: 'set-up-link', url: 'https://x/set-up#\u001b[2Jaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' },
    { kind: 'set-up-link', url: `${url('a')}\nready https://evil` },
    { kind: 'set-up-link', url: url('a').replace('https', 'http') },
    { kind: 'set-up-link', url: url('a'), file: '/etc/passwd' },
    { kind: 'ready' },
    null,
  ])
    link.receive(wrong);
  await link.settled();
  assert.equal(existsSync(file), false);
});

test('a disk that does not take it is said, without the link, and ends nothing', async () => {
  let log = '';
  const file = path.join(directory, 'is-a-directory');
  mkdirSync(path.join(file, 'x'), { recursive: true });
  const link = new SetUpLink(
    file,
    me,
    createLog('test', (text) => (log += text)),
  );
  link.receive({ kind: 'set-up-link', url: url('z') });
  await link.settled();
  assert.match(log, /warn the set-up link could not be kept/);
  assert.equal(log.includes('zzz'), false);
  assert.equal(link.url, url('z'));
});
