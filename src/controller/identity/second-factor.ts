import { sql } from 'kysely';
import { CausewayError } from '../../contract/errors.ts';
import type { UserId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import type { Actor, Person } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import { recordAudit } from '../store/model-transaction.ts';
import type { SecretBox } from '../store/secret-box.ts';
import type { Allowance } from './allowance.ts';
import { allowsTrust, findBrowser, rememberBrowser } from './browsers.ts';
import { settleAllowances, takeAllowances, tellOfFailure } from './limits.ts';
import { useRecoveryCode } from './recovery-codes.ts';
import type { SignedIn } from './sign-in.ts';
import { matchingStep } from './totp.ts';
import type { BrowserFacts, WebSession } from './web-sessions.ts';
import { endWebSession, startWebSession } from './web-sessions.ts';

/** SecondFactor is a code that follows the password; a passkey signs instead (passkey-sign-in.ts). */
export type SecondFactor = {
  readonly method: 'totp' | 'recovery-code';
  readonly code: string;
  readonly trustsDevice: boolean;
};

export type SecondFactorAttempt = {
  readonly factor: SecondFactor;
  readonly session: WebSession | undefined;
  readonly browser: string | undefined;
  readonly from: BrowserFacts;
};

/** The name under which a person's authenticator secret is sealed: nobody else's can be put in its place. */
export function totpSecretName(user: UserId): string {
  return `totp ${user}`;
}

/**
 * giveSecondFactor turns a session that lacks it into one that is signed in, with a new token. Throws 401 without such a session or with a wrong
 * code, and `rate-limited` when too many were wrong: a code has a million values, of which three are right at a time.
 */
export async function giveSecondFactor(
  { store, secrets, clock }: Pick<ControllerDeps, 'store' | 'secrets' | 'clock'>,
  actor: Actor,
  { factor, session, browser, from }: SecondFactorAttempt,
): Promise<SignedIn & { readonly user: UserId }> {
  if (session?.state !== 'second-factor') {
    throw new CausewayError('unauthenticated', 'The sign-in has ended; begin again with user name and password.');
  }
  const { user, username, role } = session;
  const { database } = store;
  const known = await findBrowser(database, browser, user);
  const allowances = factorAllowances(user, known === undefined ? undefined : browser);
  const used = await takeAllowances(database, allowances);
  const done = await database.transaction().execute(async (trx) => {
    if (!(await isRightCode({ reader: trx, secrets, now: clock() }, user, factor))) return undefined;
    // It may have ended meanwhile: another request with it was faster, or the person was suspended.
    if (!(await endWebSession(trx, session.id, user))) return undefined;
    const begun = await startWebSession(trx, user, 'signed-in', from);
    const person: Person = { kind: 'person', id: user, name: username, role, session: begun.id };
    const trustsBrowser = factor.trustsDevice && (await allowsTrust(trx));
    const after = { secondFactor: factor.method, trustsBrowser };
    await recordAudit(trx, { ...actor, principal: person }, [{ entity: 'user', entityId: user, action: 'signed-in', after }]);
    return {
      kind: 'signed-in' as const,
      user,
      session: begun.token,
      browser: await rememberBrowser(trx, browser, user, trustsBrowser),
    };
  });
  if (done === undefined) {
    await tellOfFailure(store, actor, { user, used, what: 'second-factor' });
    throw new CausewayError(
      'unauthenticated',
      'The code is wrong, was used before, or has run out. Wait for the next one, and see that the clock of the device is right.',
    );
  }
  await settleAllowances(database, allowances);
  return done;
}

/** isRightCode judges a code of the person's and uses it up. */
export async function isRightCode(
  { reader, secrets, now }: { readonly reader: Reader; readonly secrets: SecretBox; readonly now: Date },
  user: UserId,
  { method, code }: Pick<SecondFactor, 'method' | 'code'>,
): Promise<boolean> {
  switch (method) {
    case 'totp':
      return await useTotpCode(reader, secrets, user, code, now);
    case 'recovery-code':
      return await useRecoveryCode(reader, user, code);
  }
}

/** One statement judges: of two requests with the same code, one finds the step used. */
async function useTotpCode(reader: Reader, secrets: SecretBox, user: UserId, code: string, now: Date): Promise<boolean> {
  const row = await reader.selectFrom('account').select('totp_secret').where('user_id', '=', user).executeTakeFirst();
  if (row === undefined || row.totp_secret === null) return false;
  const step = matchingStep(secrets.open(totpSecretName(user), row.totp_secret), code, now);
  if (step === undefined) return false;
  const { numUpdatedRows } = await reader
    .updateTable('account')
    .set({ totp_last_step: step })
    .where('user_id', '=', user)
    .where(sql<boolean>`coalesce(totp_last_step, 0) < ${step}`)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/**
 * factorAllowances: who comes here knows the password. Ten wrong codes, then one in ten minutes: 144 a day find a code within 0.05 %. In a browser that its person
 * has used before, somebody else's attempts do not count.
 */
export function factorAllowances(user: UserId, knownBrowser: string | undefined): Allowance[] {
  const place = knownBrowser === undefined ? '' : ` browser ${knownBrowser}`;
  return [{ key: `second factor ${user}${place}`, burst: 10, refill_s: 600 }];
}
