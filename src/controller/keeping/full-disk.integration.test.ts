import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { housekeepingRoutes } from '../../contract/api/housekeeping.ts';
import { call } from '../routes/test-api.ts';
import { testController } from '../test-controller.ts';
import { MachineWatch } from './machine-watch.ts';
import { lookAfter } from './watch-regularly.ts';

/** As root: a file system of its own, which is really full. */
test('on a full disk changes are refused, reading, deleting and settings work, and room ends it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cw-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'cw-full', directory]);
  try {
    const machine = new MachineWatch([directory, join(directory, 'not-there')]);
    await using controller = await testController({ machine });
    await lookAfter(controller.deps);
    assert.deepEqual((await call(controller, housekeepingRoutes.read)).conditions, []);
    const make = async (name: string) => await controller.request('POST', '/api/v1/networks', { name });
    const made = await make('a');
    assert.equal(made.status, 200, made.text);
    const { id } = made.json() as { id: string };

    writeFileSync(join(directory, 'filler'), Buffer.alloc(100 * 1024 * 1024));
    await lookAfter(controller.deps);
    const refused = await make('b');
    assert.equal(refused.status, 503, refused.text);
    assert.match(refused.text, /disk of .* is full/);
    const { conditions, disks } = await call(controller, housekeepingRoutes.read);
    assert.deepEqual([conditions.map(({ code }) => code), disks.map(({ level }) => level)], [['disk-full'], ['full']]);
    assert.equal((await controller.request('GET', '/api/v1/networks')).status, 200);
    assert.equal((await controller.request('PUT', '/api/causeway/v1/settings/retention', { events: 1 })).status, 200);
    assert.equal((await controller.request('DELETE', `/api/v1/networks/${id}`)).status, 204);

    rmSync(join(directory, 'filler'));
    await lookAfter(controller.deps);
    assert.equal((await make('b')).status, 200);
    assert.deepEqual((await call(controller, housekeepingRoutes.read)).conditions, []);
  } finally {
    execFileSync('umount', [directory]);
    rmdirSync(directory);
  }
});
