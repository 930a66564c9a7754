import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Where the launcher and the lab keep what they have fetched. */
const cache = '/var/cache/causeway';

/** archivesOf fetches packages of this machine's Debian, without installing them, and gives their files; once fetched they are kept. */
export async function archivesOf(...packages: readonly string[]): Promise<readonly string[]> {
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
      // Of two runs at once one is first.
      await rename(fetched, kept).catch(() => undefined);
    } finally {
      await rm(fetched, { recursive: true, force: true });
    }
  }
  return (await readdir(kept)).map((file) => path.join(kept, file));
}
