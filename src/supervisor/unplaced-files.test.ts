import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { dataDirectoryAt } from './data-directory.ts';
import { removeUnplaced } from './unplaced-files.ts';

test('what a write that was cut off left beside its place is removed, and nothing else', async () => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'cwsup-unplaced-'));
  try {
    const root = path.join(scratch, 'data');
    const directory = dataDirectoryAt(root);
    for (const made of [directory.controller, directory.signer, directory.gateway, directory.laneKeeper]) {
      mkdirSync(made, { recursive: true });
    }
    const write = (...names: string[]) => writeFileSync(path.join(root, ...names), 'kept');
    const kept = [
      ['setup-link'],
      ['installation.json'],
      ['controller', 'secrets.key'],
      ['signer', 'ca.key'],
      ['gateway', 'token.0123456789'],
      ['lane-keeper', 'c0.conf'],
    ];
    for (const names of kept) write(...names);
    write('setup-link.07fc923908ed');
    write('controller', '.07fc923908ed.new');
    write('signer', '.f5de1b46550f.new');
    write('lane-keeper', 'c0.conf.accb850b00f6');
    writeFileSync(path.join(scratch, 'foreign'), 'kept');
    symlinkSync(path.join(scratch, 'foreign'), path.join(directory.gateway, 'token.accb850b00f6'));
    mkdirSync(path.join(root, 'directory.accb850b00f6'));
    await removeUnplaced(directory);
    const left = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
    assert.deepEqual(left.sort(), kept.map((names) => path.join(...names)).sort());
    assert.equal(readFileSync(path.join(scratch, 'foreign'), 'utf8'), 'kept');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
