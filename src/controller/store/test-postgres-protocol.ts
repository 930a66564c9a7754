import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** What test processes and the keeper of their server agree on. */
export const templateDatabase = 'causeway_template';

/**
 * keeperAddress is an abstract unix socket: binding it is atomic, and it is free again as soon as the process is gone, so there is no
 * stale file. One for each user and each state of the migrations, so that a server never has another schema than the test expects.
 */
export function keeperAddress(): string {
  const directory = path.join(import.meta.dirname, 'migrations');
  const hash = createHash('sha256').update(directory);
  for (const name of readdirSync(directory).toSorted()) hash.update(readFileSync(path.join(directory, name)));
  return `\0causeway-test-postgres-${String(process.getuid?.() ?? 0)}-${hash.digest('hex').slice(0, 16)}`;
}
