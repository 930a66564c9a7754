import { readFile, stat } from 'node:fs/promises';

/** readIfThere gives a file's text, or undefined where there is none. Throws, naming the remedy, where it may not be read. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new Error(`reading ${path} failed; its owner must be the user that this process runs as`, { cause });
  }
}

/** requirePrivate throws for a file that anybody but its owner may read: a key that may be known is not used in silence. */
export async function requirePrivate(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  throw new Error(
    `${path} can be read by others (mode ${(mode & 0o777).toString(8)}); set it to 600 and consider the key as known`,
  );
}
