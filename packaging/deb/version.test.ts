import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import type { Commit } from './version.ts';
import { packageVersion } from './version.ts';

const commit: Commit = { hash: 'dcab04e0a1b2c3d4e5f6', time_s: 1_795_792_743, tags: [], changed: false };

describe('packageVersion', () => {
  it('is the release at its tag, and a version of the commit otherwise', () => {
    assert.deepEqual(packageVersion('0.1.0', { ...commit, tags: ['v0.1.0'] }), { debian: '0.1.0', program: '0.1.0' });
    assert.deepEqual(packageVersion('0.1.0', commit), {
      debian: '0.1.0~git20261127151903.dcab04e0a1b2',
      program: '0.1.0-git.20261127151903.dcab04e0a1b2',
    });
    assert.match(packageVersion('0.1.0', { ...commit, tags: ['v0.1.0'], changed: true }).debian, /\.changed$/);
    assert.throws(() => packageVersion('0.1', commit), /three numbers/);
  });

  it('goes upwards for dpkg: from commit to commit, to the release, and on to the next one', () => {
    const later = { ...commit, hash: '000000000000', time_s: commit.time_s + 1 };
    const way = [
      packageVersion('0.1.0', commit),
      packageVersion('0.1.0', { ...commit, changed: true }),
      packageVersion('0.1.0', later),
      packageVersion('0.1.0', { ...later, tags: ['v0.1.0'] }),
      packageVersion('0.2.0', { ...later, time_s: later.time_s + 1 }),
    ].map(({ debian }) => debian);
    for (const [index, version] of way.slice(1).entries())
      execFileSync('dpkg', ['--compare-versions', way[index] ?? '', 'lt', version]);
  });
});
