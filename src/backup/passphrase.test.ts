import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { BackupFailure } from './backup-failure.ts';
import { readPassphrase } from './passphrase.ts';

let directory = '';
before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'causeway-passphrase-'));
});
after(async () => await rm(directory, { recursive: true, force: true }));

async function file(name: string, content: string, mode = 0o600): Promise<string> {
  const at = path.join(directory, name);
  await writeFile(at, content, { mode });
  return at;
}

test('the first line is the passphrase, without its end', async () => {
  assert.equal(await readPassphrase(await file('a', 'sechs Wörter sind gut\r\nmore\n'), 'new'), 'sechs Wörter sind gut');
  assert.equal(await readPassphrase(await file('b', 'short'), 'known'), 'short');
});

test('a passphrase that is none, or is not kept, is refused', async () => {
  const missing = path.join(directory, 'missing');
  for (const [name, because] of [
    [await file('c', 'elf Zeichen 14'), /has 14 characters, and 15 are the least/],
    [await file('d', '\nsecond line\n'), /empty first line/],
    [await file('e', 'sechs oder acht davon', 0o640), /can be read by others .*mode 640.*chmod 600/],
    [await file('f', 'x'.repeat(5000)), /longer than 4096 bytes/],
    [missing, /cannot be read: ENOENT/],
  ] as const) {
    await assert.rejects(readPassphrase(name, 'new'), (error: unknown) => {
      assert.ok(error instanceof BackupFailure);
      assert.match(error.message, because);
      assert.equal(error.exitCode, 2);
      assert.doesNotMatch(error.message, /elf Zeichen|acht davon/);
      return true;
    });
  }
});
