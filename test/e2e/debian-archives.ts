import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { InitSystem } from '../../src/lab/init-system.ts';
import { openrc } from '../../src/lab/init-system.ts';
import { cache } from './debian-tree.ts';

/** openrcOfDebian is OpenRC for a machine of the lab. */
export async function openrcOfDebian(): Promise<InitSystem> {
  return openrc(await archivesOf('openrc', 'librc1', 'libeinfo1'));
}

/** archivesOf fetches packages of this machine's Debian, without installing them, and gives their files; once fetched they are kept. */
async function archivesOf(...packages: readonly string[]): Promise<readonly string[]> {
  const kept = path.join(cache, `archives-${packages.join('-')}`);
  const isKept = await access(kept).then(
    () => true,
    () => false,
  );
  if (!isKept) {
    await mkdir(cache, { recursive: true });
    const fetched = await mkdtemp(`${kept}-`);
    try {
      await promisify(execFile)('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', ...packages], { cwd: fetched });
      await rename(fetched, kept).catch((error: NodeJS.ErrnoException) => {
        // Of two runs at once one is first.
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      });
    } finally {
      await rm(fetched, { recursive: true, force: true });
    }
  }
  return (await readdir(kept)).map((file) => path.join(kept, file));
}
