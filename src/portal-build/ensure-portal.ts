import { access, mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { bundle } from './bundle.ts';
import { compressFiles } from './compress-files.ts';
import { portalKey } from './portal-key.ts';
import { measureBundle } from './sizes.ts';
import type { BundleSizes } from './sizes.ts';

/** `sizes` is there when something was built. */
export type EnsuredPortal = { readonly directory: string; readonly sizes: BundleSizes | undefined };

/** A portal that nothing has asked for so long is removed; asking for it builds it again. */
const kept_ms = 30 * 24 * 3_600_000;

/**
 * ensurePortal gives the directory with the portal of these sources, building it where it is missing. It appears by rename when it is whole,
 * so several may build at once: the first one stays. Rejects with what Vite or the disk said; nothing half-made is left then.
 */
export async function ensurePortal(root: string, cache: string): Promise<EnsuredPortal> {
  const directory = path.join(cache, `portal-${await portalKey(root)}`);
  await mkdir(cache, { recursive: true });
  if (await exists(directory)) {
    // Marks the use. Who may read it but not write it is not the one who removes it either.
    await utimes(directory, new Date(), new Date()).catch(() => undefined);
    return { directory, sizes: undefined };
  }
  const fresh = await mkdtemp(path.join(cache, 'portal-new-'));
  try {
    const built = path.join(fresh, 'portal');
    const manifest = await bundle(root, built);
    await compressFiles(built);
    const sizes = await measureBundle(built, manifest);
    await rename(built, directory).catch(async (cause: unknown) => {
      if (!(await exists(directory))) throw cause;
    });
    await removeUnused(cache, directory);
    return { directory, sizes };
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** What killed builds left goes the same way. Best effort: what cannot be removed now is tried by the next build. */
async function removeUnused(cache: string, inUse: string): Promise<void> {
  const names = (await readdir(cache)).filter((name) => name.startsWith('portal-'));
  for (const name of names) {
    const directory = path.join(cache, name);
    if (directory === inUse) continue;
    const { mtimeMs } = await stat(directory).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > kept_ms) await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function exists(directory: string): Promise<boolean> {
  return await access(directory).then(
    () => true,
    () => false,
  );
}
