import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

/** In a view of mounts of its own: a program of somebody else that started meanwhile would keep a copy of the disk alive. */
const program = `
  import { openSync, writeSync, fsyncSync, closeSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
  import { Disk, unmountBelow } from ${JSON.stringify(join(import.meta.dirname, 'disk.ts'))};
  const directory = process.argv[1];
  const disk = await Disk.create(directory, 'd', 32);
  const write = (name, synchronise) => {
    const file = openSync(disk.path + '/' + name, 'w');
    writeSync(file, name);
    if (synchronise) fsyncSync(file);
    closeSync(file);
  };
  write('synchronised', true);
  write('forgotten', false);
  await disk.cutPower();
  let refused = '';
  try { writeFileSync(disk.path + '/late', 'late'); } catch (error) { refused = error.code; }
  await disk.powerOn();
  const after = ['synchronised', 'forgotten', 'late'].filter((name) => existsSync(disk.path + '/' + name) && readFileSync(disk.path + '/' + name, 'utf8') === name);
  await disk.fill();
  let full = '';
  try { writeFileSync(disk.path + '/more', 'x'.repeat(4096)); } catch (error) { full = error.code; }
  disk.free();
  writeFileSync(disk.path + '/more', 'x'.repeat(4096));
  await unmountBelow(directory);
  console.log(JSON.stringify({ refused, after, full }));
`;

test('a disk of the lab loses what was not synchronised when its power is cut, is full for everybody, and is gone at the end', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cwlab-disk-'));
  try {
    const argv = ['--mount', '--propagation', 'private', process.execPath, '--input-type=module', '--eval', program, directory];
    const { status, stdout, stderr } = spawnSync('unshare', argv, { encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { refused: 'EIO', after: ['synchronised'], full: 'ENOSPC' });
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(directory));
    assert.ok(!execFileSync('losetup', ['--all'], { encoding: 'utf8' }).includes(directory), 'a loop device is left');
  } finally {
    rmSync(directory, { recursive: true, force: true });
    assert.ok(!existsSync(directory));
  }
});
