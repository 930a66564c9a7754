import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Credentials of ours are 256 random bits. They are kept as SHA-256: nothing can be guessed from it, and unlike with a password a slow
 * hash would add nothing (api.md 7: the check has to be cheap).
 */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** secretMatches compares in constant time. */
export function secretMatches(secret: string, hash: Uint8Array): boolean {
  const computed = hashSecret(secret);
  return hash.byteLength === computed.byteLength && timingSafeEqual(computed, hash);
}
