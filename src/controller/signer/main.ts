/**
 * The signer: a process of its own, with a user of its own, that holds the CA's key and does nothing but sign by its own rules
 * (rules.ts), so that whoever takes over the controller cannot take the key away nor make another CA. Started by the supervisor as
 * `node src/controller/signer/main.ts DIR/signer`; prints `signer ready` when it listens on DIR/signer/sock/signer.sock.
 * Exit: 0 after SIGTERM, 1 with one line on stderr when it cannot start.
 * Tests: `node --test 'src/controller/signer/*.test.ts'` (with the openssl command as a second opinion).
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AuthorityKeeper } from './authorities.ts';
import { listenForRequests } from './signer-server.ts';

const now = (): Date => new Date();

async function start(directory: string): Promise<void> {
  process.umask(0o077);
  const socketDirectory = join(directory, 'sock');
  await mkdir(socketDirectory, { recursive: true, mode: 0o750 }).catch((cause: unknown) => {
    throw new Error(`making ${socketDirectory} failed; ${directory} must exist and belong to the user that the signer runs as`, {
      cause,
    });
  });
  const keeper = await AuthorityKeeper.open(directory, now());
  const server = await listenForRequests(keeper, join(socketDirectory, 'signer.sock'), now);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      server.close();
      process.exit(0);
    });
  }
  console.log('signer ready');
}

const directory = process.argv[2];
if (directory === undefined) {
  console.error('signer: the directory of the CA is missing; usage: main.ts DIR/signer');
  process.exit(2);
}
try {
  await start(directory);
} catch (cause) {
  const reason =
    cause instanceof Error ? `${cause.message}${cause.cause instanceof Error ? `: ${cause.cause.message}` : ''}` : String(cause);
  console.error(`signer: ${reason}`);
  process.exit(1);
}
