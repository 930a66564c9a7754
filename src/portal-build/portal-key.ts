import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** What goes into the portal: its sources, what they import, how they are built, and the packages. */
const inputs = ['src/portal', 'src/contract', 'src/core', 'src/portal-build'] as const;
const lock = 'package-lock.json';

/** portalKey is the hash under which the portal of these sources is kept: the same files, the same key. */
export async function portalKey(root: string): Promise<string> {
  const listed = await Promise.all(
    inputs.map(async (input) =>
      (await readdir(path.join(root, input), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))),
    ),
  );
  const files = [lock, ...listed.flat()].toSorted();
  const hashes = await Promise.all(
    files.map(async (file) =>
      createHash('sha256')
        .update(await readFile(path.join(root, file)))
        .digest('hex'),
    ),
  );
  return createHash('sha256')
    .update(files.map((file, index) => `${file} ${hashes[index] ?? ''}\n`).join(''))
    .digest('hex')
    .slice(0, 12);
}
