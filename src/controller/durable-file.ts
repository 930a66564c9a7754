import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * writeDurably replaces a file as a whole: after a crash at any point the path holds the old content or the new, never a part.
 * The file has its mode from the first byte on. Throws what the system says (ENOSPC, EACCES) and leaves the old file then.
 */
export async function writeDurably(path: string, content: string | Uint8Array, mode: 0o600 | 0o644): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.new`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new Error(`writing ${path} failed; check free space and rights of its directory`, { cause });
  }
  await syncDirectory(dirname(path));
}

/** syncDirectory makes names that came and went last. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
