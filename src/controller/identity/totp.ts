import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Time-based one-time passwords (RFC 6238) as every authenticator app computes them by default: SHA-1, six digits, steps of 30 s. */
const step_s = 30;
const digits = 6;

/** A step to either side: clocks of telephones are off by some seconds, and typing takes some. RFC 6238 5.2 allows no more. */
const tolerance = 1;

/** As long as the hash, as RFC 4226 recommends. */
const secretBytes = 20;

export function newTotpSecret(): Buffer {
  return randomBytes(secretBytes);
}

/** totpCode is what an app shows in a step; for tests and for the comparison. */
export function totpCode(secret: Uint8Array, step: number, length: number = digits): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 0x0f;
  const number = (hash.readUInt32BE(offset) & 0x7fffffff) % 10 ** length;
  return String(number).padStart(length, '0');
}

export function totpStep(now: Date): number {
  return Math.floor(now.getTime() / 1000 / step_s);
}

/**
 * matchingStep gives the step that a code belongs to, around `now`; undefined: none. The caller has to refuse a step that is not after the
 * last one that was used, else a code that somebody saw being typed would work once more.
 */
export function matchingStep(secret: Uint8Array, code: string, now: Date): number | undefined {
  const given = Buffer.from(code.replaceAll(/\s/g, ''));
  const current = totpStep(now);
  let found: number | undefined;
  // All are compared, so that the time says nothing about which.
  for (let step = current - tolerance; step <= current + tolerance; step += 1) {
    const expected = Buffer.from(totpCode(secret, step));
    if (expected.length === given.length && timingSafeEqual(expected, given)) found = step;
  }
  return found;
}

/** totpUri is what the QR code of an authenticator app holds. */
export function totpUri(secret: Uint8Array, of: { readonly issuer: string; readonly username: string }): string {
  const label = `${encodeURIComponent(of.issuer)}:${encodeURIComponent(of.username)}`;
  const parameters = `secret=${base32(secret)}&issuer=${encodeURIComponent(of.issuer)}&algorithm=SHA1&digits=${String(digits)}&period=${String(step_s)}`;
  return `otpauth://totp/${label}?${parameters}`;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** base32 is RFC 4648 without padding: apps take secrets in it, and people can read it out. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet.charAt((held >> (bits - 5)) & 31);
  }
  return bits === 0 ? text : text + alphabet.charAt((held << (5 - bits)) & 31);
}
