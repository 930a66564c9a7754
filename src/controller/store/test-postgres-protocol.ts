import { createHash } from 'node:crypto';

/** What test processes and the keeper of their server agree on. */
export const templateDatabase = 'causeway_template';

/**
 * keeperAddress is an abstract unix socket: binding it is atomic, and it is free again as soon as the process is gone, so there is no
 * stale file. One per checkout and user, so that runs of different checkouts do not share a schema.
 */
export function keeperAddress(): string {
  const where = createHash('sha256')
    .update(import.meta.dirname)
    .digest('hex')
    .slice(0, 12);
  return `\0causeway-test-postgres-${String(process.getuid?.() ?? 0)}-${where}`;
}
