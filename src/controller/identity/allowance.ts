import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Reader } from '../store/database.ts';

/**
 * Allowance is how many failures a key may have: `burst` at once, then one for each `refill_s`. In the database, so that a restart forgets
 * none and several controllers count together.
 */
export type Allowance = { readonly key: string; readonly burst: number; readonly refill_s: number };

/** Taken says what an attempt found: `used` counts it; refused attempts count for nothing, so who is refused does not make it worse. */
export type Taken = { readonly allowed: true; readonly used: number } | { readonly allowed: false };

/**
 * takeAllowance counts an attempt before anybody knows how it ends, so that many at once cannot all pass; whoever succeeds gives it back
 * with clearAllowance. One statement: the row lock puts attempts in order.
 */
export async function takeAllowance(reader: Reader, { key, burst, refill_s }: Allowance): Promise<Taken> {
  const left = sql<number>`greatest(0, sign_in_allowance.level - extract(epoch from now() - sign_in_allowance.at) / ${refill_s}::float8)`;
  const { rows } = await sql<{ level: number }>`
    insert into sign_in_allowance (key, level) values (${hashed(key)}, 1)
    on conflict (key) do update set level = ${left} + 1, at = now() where ${left} + 1 <= ${burst}::float8
    returning level`.execute(reader);
  const [row] = rows;
  return row === undefined ? { allowed: false } : { allowed: true, used: Math.ceil(row.level) };
}

/** clearAllowance forgets the failures of a key. */
export async function clearAllowance(reader: Reader, key: string): Promise<void> {
  await reader.deleteFrom('sign_in_allowance').where('key', '=', hashed(key)).execute();
}

/** returnAllowance gives one attempt back, and leaves what others have used of it. */
export async function returnAllowance(reader: Reader, key: string): Promise<void> {
  await reader
    .updateTable('sign_in_allowance')
    .set({ level: sql<number>`greatest(0, level - 1)` })
    .where('key', '=', hashed(key))
    .execute();
}

/** Names that were tried are often passwords in the wrong field, so they are not kept. */
function hashed(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
