/**
 * src/portal-build makes the files that browsers load out of src/portal: Vite bundles, brotli and gzip are written beside each file. What is
 * built lies outside the sources, in the launcher's cache, named after a hash of what went into it (docs/decisions/0090-how-the-portal-is-built.md).
 *
 * As a program it builds what is missing and prints the directory: `./causeway node src/portal-build/main.ts`. `causeway up` and the tests
 * start it. Sizes go to stderr when something was built. Tests: `node --test 'src/portal-build/*.test.ts'`.
 */
import path from 'node:path';
import { ensurePortal } from './ensure-portal.ts';
import { portalCache } from './portal-cache.ts';
import { sizesText } from './sizes.ts';

const root = path.join(import.meta.dirname, '..', '..');

try {
  // Whatever mask the caller has: the controller reads it as a user of its own.
  process.umask(0o022);
  const { directory, sizes } = await ensurePortal(root, portalCache(process.env, process.getuid?.()));
  if (sizes !== undefined) process.stderr.write(sizesText(sizes));
  process.stdout.write(`${directory}\n`);
} catch (error) {
  process.stderr.write(`building the portal failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
