import { randomBytes } from 'node:crypto';
import type { UserId } from '../../core/ids.ts';
import { hashSecret } from '../http/secret-hash.ts';
import type { Reader } from '../store/database.ts';
import { base32 } from './totp.ts';

const count = 10;
/** 80 bits are not guessed, so a fast hash is enough (http/secret-hash.ts); 16 letters can be copied by hand. */
const codeBytes = 10;

/** replaceRecoveryCodes voids the old codes of a person and gives new ones, which are not kept. */
export async function replaceRecoveryCodes(reader: Reader, user: UserId): Promise<string[]> {
  const codes = Array.from({ length: count }, () => base32(randomBytes(codeBytes)).replaceAll(/(.{4})(?=.)/g, '$1-'));
  await reader.deleteFrom('recovery_code').where('user_id', '=', user).execute();
  await reader
    .insertInto('recovery_code')
    .values(codes.map((code) => ({ code_sha256: hashed(code), user_id: user })))
    .execute();
  return codes;
}

/** useRecoveryCode takes a code away; false where the person has no such code (any more). */
export async function useRecoveryCode(reader: Reader, user: UserId, code: string): Promise<boolean> {
  const { numDeletedRows } = await reader
    .deleteFrom('recovery_code')
    .where('user_id', '=', user)
    .where('code_sha256', '=', hashed(code))
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

export async function countRecoveryCodes(reader: Reader, user: UserId): Promise<number> {
  const { left } = await reader
    .selectFrom('recovery_code')
    .select(({ fn }) => fn.countAll<number>().as('left'))
    .where('user_id', '=', user)
    .executeTakeFirstOrThrow();
  return left;
}

/** Hyphens, blanks and case are how people copy. */
function hashed(code: string): Buffer {
  return hashSecret(code.replaceAll(/[\s-]/g, '').toUpperCase());
}
