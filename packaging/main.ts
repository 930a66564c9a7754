/**
 * packaging makes what is installed: Debian packages (deb/), and the definition of a container image (container/). As a program, started by
 * `causeway package deb`: main.ts deb OUTPUT. It prints the path of each package that it made; progress goes to stderr.
 * Tests: `./causeway node --test 'packaging/**\/*.test.ts'` and test/e2e/package.e2e.test.ts. Everything else: docs/packages.md.
 */
import path from 'node:path';
import { buildPackages } from './deb/build-packages.ts';

const [kind, output] = process.argv.slice(2);
if (kind !== 'deb' || output === undefined) {
  process.stderr.write('usage: main.ts deb OUTPUT\n');
  process.exit(2);
}
try {
  process.umask(0o022);
  for await (const file of buildPackages(path.join(import.meta.dirname, '..'), output)) process.stdout.write(`${file}\n`);
} catch (error) {
  process.stderr.write(`causeway package deb: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
