import { CausewayError } from '../../contract/errors.ts';
import type { UserId } from '../../core/ids.ts';
import type { Actor } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import { recordAudit } from '../store/model-transaction.ts';
import type { Store } from '../store/store.ts';
import type { Allowance } from './allowance.ts';
import { clearAllowance, returnAllowance, takeAllowance } from './allowance.ts';

/** Used is how much of an allowance an attempt has found gone, its own included. */
type Used = { readonly allowance: Allowance; readonly used: number };

/** takeAllowances counts an attempt on all of them, or on none and throws `rate-limited`. */
export async function takeAllowances(reader: Reader, allowances: readonly Allowance[]): Promise<Used[]> {
  const all: Used[] = [];
  for (const allowance of allowances) {
    const taken = await takeAllowance(reader, allowance);
    if (!taken.allowed) {
      await returnAll(
        reader,
        all.map((each) => each.allowance),
      );
      throw new CausewayError(
        'rate-limited',
        `Too many attempts have failed. Wait ${String(Math.ceil(allowance.refill_s / 60))} min and try again, or use a browser in which you have signed in before.`,
        { retryAfter_s: allowance.refill_s },
      );
    }
    all.push({ allowance, used: taken.used });
  }
  return all;
}

/**
 * settleAllowances is for whoever succeeded: what this person used up in this place (the first of them) is forgotten, of the others, which are
 * shared with strangers, only this attempt.
 */
export async function settleAllowances(reader: Reader, [own, ...shared]: readonly Allowance[]): Promise<void> {
  if (own !== undefined) await clearAllowance(reader, own.key);
  await returnAll(reader, shared);
}

async function returnAll(reader: Reader, allowances: readonly Allowance[]): Promise<void> {
  for (const { key } of allowances) await returnAllowance(reader, key);
}

/** From here on it is no slip of the fingers. */
const worthTelling = 5;

/**
 * tellOfFailure writes the fifth failure in a row into the audit, and the one that uses an allowance up: not each, which a guesser could fill
 * the database with. A name that nobody has is not written down: it may be a password in the wrong field.
 */
export async function tellOfFailure(
  store: Store,
  actor: Actor,
  failure: { readonly user: UserId | undefined; readonly used: readonly Used[]; readonly what: 'password' | 'second-factor' },
): Promise<void> {
  const worst = failure.used.find(({ used, allowance }) => used === worthTelling || used === allowance.burst);
  if (worst === undefined) return;
  await store.database.transaction().execute(async (trx) => {
    await recordAudit(trx, actor, [
      {
        entity: 'user',
        entityId: failure.user ?? 'unknown',
        action: 'sign-in-failed',
        after: { what: failure.what, failures: worst.used },
      },
    ]);
  });
}
