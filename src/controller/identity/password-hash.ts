/**
 * src/controller/identity is how people prove who they are: set-up, passwords, second factors, sessions in browsers. An invitation is
 * another link (invitations.ts), and a second factor is a code (second-factor.ts) or a passkey (passkeys.ts).
 * Tests: `node --test 'src/controller/identity/*.test.ts'`.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { CausewayError } from '../../contract/errors.ts';
import { turnstile } from './turnstile.ts';

/** OWASP's parameters for argon2id with the least memory: 19 MiB, two passes, one lane. Some 30 ms of one core. */
const parameters = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const saltBytes = 16;

const derive = promisify(argon2);

/**
 * Each hash takes a core and 19 MiB: not more at once than there are cores, and of libuv's four threads one is left for files. Who would have
 * to wait for more than some seconds is told so at once, before strangers have filled the memory with waiting requests.
 */
const hashing = turnstile({
  places: Math.min(availableParallelism(), 3),
  queue: 100,
  refuse: () => new CausewayError('unavailable', 'Too many people are signing in at this moment. Try again in a few seconds.'),
});

/** hashPassword gives the PHC string of a password, with a salt of its own. Throws `unavailable` when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await deriveFrom(password, salt);
  const { memory, passes, parallelism } = parameters;
  return `$argon2id$v=19$m=${String(memory)},t=${String(passes)},p=${String(parallelism)}$${base64(salt)}$${base64(hash)}`;
}

/** What is checked where there is no account, so that it takes the same work. Nobody knows a password of it. */
const nobodysHash = `$argon2id$v=19$m=19456,t=2,p=1$${base64(randomBytes(saltBytes))}$${base64(randomBytes(parameters.tagLength))}`;

/** passwordMatches checks a password against a PHC string of ours; undefined is no account: the same work, and false. */
export async function passwordMatches(password: string, stored: string | undefined): Promise<boolean> {
  const [, , , costs, salt = '', hash = ''] = (stored ?? nobodysHash).split('$');
  if (costs !== 'm=19456,t=2,p=1')
    throw new Error(`a password was hashed with ${String(costs)}, which this version does not know`);
  const expected = Buffer.from(hash, 'base64');
  const computed = await deriveFrom(password, Buffer.from(salt, 'base64'));
  const matches = expected.length === computed.length && timingSafeEqual(expected, computed);
  return matches && stored !== undefined;
}

/** The same characters may be typed as different code points on another keyboard: both are brought to one form (NIST SP 800-63B). */
async function deriveFrom(password: string, nonce: Buffer): Promise<Buffer> {
  const message = password.normalize('NFC');
  return await hashing(async () => await derive('argon2id', { ...parameters, message, nonce }));
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
