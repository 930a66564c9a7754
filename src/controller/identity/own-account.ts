import { sql } from 'kysely';
import type { SecondFactorDemand } from '../../contract/api/words.ts';
import { CausewayError, notFound } from '../../contract/errors.ts';
import type { WebSessionId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import type { Actor, Person } from '../principal.ts';
import type { ModelTrx } from '../store/database.ts';
import { recordAudit } from '../store/model-transaction.ts';
import { readAccount, writePassword } from './accounts.ts';
import { distrustBrowsers, forgetBrowsers } from './browsers.ts';
import { settleAllowances, takeAllowances } from './limits.ts';
import { hashPassword, passwordMatches } from './password-hash.ts';
import { requireUncommon } from './password-rules.ts';
import { secondFactorDemand, settleRemoval } from './demanded-second-factor.ts';
import { countRecoveryCodes, replaceRecoveryCodes } from './recovery-codes.ts';
import { totpSecretName } from './second-factor.ts';
import { matchingStep, newTotpSecret } from './totp.ts';
import { announceEnd, endWebSession, endWebSessionsOf, renewWebSession, voidedSession } from './web-sessions.ts';

type OwnDeps = Pick<ControllerDeps, 'store' | 'secrets' | 'clock'>;

/** Me is the person who acts on the own account, with where the request came from. */
export type Me = { readonly person: Person; readonly actor: Actor };

export type AccountSecurity = {
  readonly hasTotp: boolean;
  readonly recoveryCodesLeft: number;
  readonly passwordChangedAt: Date;
  readonly secondFactor: SecondFactorDemand;
};

export async function readSecurity({ store }: OwnDeps, { person }: Me): Promise<AccountSecurity> {
  const row = await store.database
    .selectFrom('account')
    .innerJoin('app_user', 'app_user.id', 'account.user_id')
    .select(['password_changed_at', sql<boolean>`totp_secret is not null`.as('has_totp')])
    .select(secondFactorDemand.as('demand'))
    .where('user_id', '=', person.id)
    .executeTakeFirstOrThrow();
  return {
    hasTotp: row.has_totp,
    recoveryCodesLeft: await countRecoveryCodes(store.database, person.id),
    passwordChangedAt: row.password_changed_at,
    secondFactor: row.demand,
  };
}

/** endOwnSession ends one of the person's sessions, also the one that asks. Throws `not found` for one of somebody else's as for none. */
export async function endOwnSession({ store }: OwnDeps, { person, actor }: Me, id: WebSessionId): Promise<void> {
  await store.database.transaction().execute(async (trx) => {
    if (!(await endWebSession(trx, id, person.id))) throw notFound('session', id);
    await recordAudit(trx, actor, [{ entity: 'user', entityId: person.id, action: 'session-ended', before: { session: id } }]);
  });
  await announceEnd(store, person.id);
}

/** changePassword ends the other sessions and gives this one a new token. Throws `invalid-input` for a wrong or a common password. */
export async function changePassword(
  deps: OwnDeps,
  me: Me,
  { current, password, browser }: { readonly current: string; readonly password: string; readonly browser: string | undefined },
): Promise<string> {
  const account = await provePassword(deps, me, current, 'current');
  requireUncommon(password, [account.username, account.email]);
  const passwordHash = await hashPassword(password);
  const token = await changeSecurity(deps, me, 'password-set', async (trx) => {
    await writePassword(trx, me.person.id, passwordHash);
    await endWebSessionsOf(trx, me.person.id, me.person.session);
    await forgetBrowsers(trx, me.person.id, browser);
  });
  await announceEnd(deps.store, me.person.id);
  return token;
}

/** startTotp gives a new secret. It counts when a code of it has come back (confirmTotp), so a wrong scan keeps nobody out. */
export async function startTotp(deps: OwnDeps, me: Me, password: string): Promise<Buffer> {
  await provePassword(deps, me, password);
  const secret = newTotpSecret();
  const sealed = deps.secrets.seal(totpSecretName(me.person.id), secret);
  await deps.store.database.updateTable('account').set({ totp_pending: sealed }).where('user_id', '=', me.person.id).execute();
  return secret;
}

export type Confirmed = { readonly codes: readonly string[]; readonly session: string };

/** confirmTotp makes the second factor count, and gives recovery codes. Throws `invalid-input` for a wrong code, `conflict` without a new secret. */
export async function confirmTotp(deps: OwnDeps, me: Me, code: string): Promise<Confirmed> {
  const user = me.person.id;
  let codes: string[] = [];
  const session = await changeSecurity(deps, me, 'totp-added', async (trx) => {
    const row = await trx.selectFrom('account').select('totp_pending').where('user_id', '=', user).forUpdate().executeTakeFirst();
    if (row === undefined || row.totp_pending === null) {
      throw new CausewayError('conflict', 'There is no new authenticator secret to confirm; start again.');
    }
    const step = matchingStep(deps.secrets.open(totpSecretName(user), row.totp_pending), code, deps.clock());
    if (step === undefined) throw wrong('code', 'is not what the app shows now; see that the clock of the device is right');
    await trx
      .updateTable('account')
      .set({ totp_secret: row.totp_pending, totp_last_step: step, totp_pending: null })
      .where('user_id', '=', user)
      .execute();
    await distrustBrowsers(trx, user);
    codes = await replaceRecoveryCodes(trx, user);
  });
  return { codes, session };
}

/** removeTotp takes the authenticator app away. Throws `conflict` for the last second factor where one is demanded. */
export async function removeTotp(deps: OwnDeps, me: Me, password: string): Promise<string> {
  await provePassword(deps, me, password);
  return await changeSecurity(deps, me, 'totp-removed', async (trx) => {
    const nothing = { totp_secret: null, totp_last_step: null, totp_pending: null };
    await trx.updateTable('account').set(nothing).where('user_id', '=', me.person.id).execute();
    await settleRemoval(trx, me.person.id, await readAccount(trx, me.person.id));
  });
}

/** newRecoveryCodes voids the old ones. Throws `conflict` where there is no second factor that they could stand in for. */
export async function newRecoveryCodes(deps: OwnDeps, me: Me, password: string): Promise<Confirmed> {
  const account = await provePassword(deps, me, password);
  if (account.secondFactors.length === 0) {
    throw new CausewayError(
      'conflict',
      'Recovery codes stand in for a second factor; add an authenticator app or a passkey first.',
    );
  }
  let codes: string[] = [];
  const session = await changeSecurity(deps, me, 'recovery-codes-made', async (trx) => {
    codes = await replaceRecoveryCodes(trx, me.person.id);
  });
  return { codes, session };
}

/** changeSecurity: whoever changes how the account is secured gets a new token: one that was copied before is worth nothing after. */
export async function changeSecurity(
  { store }: Pick<OwnDeps, 'store'>,
  { person, actor }: Me,
  action: string,
  change: (trx: ModelTrx) => Promise<void>,
): Promise<string> {
  return await store.database.transaction().execute(async (trx) => {
    // One after the other: of two second factors that are removed at once, one is the last.
    await trx.selectFrom('account').select('user_id').where('user_id', '=', person.id).forUpdate().execute();
    await change(trx);
    await recordAudit(trx, actor, [{ entity: 'user', entityId: person.id, action }]);
    const token = await renewWebSession(trx, person.session);
    if (token === undefined) throw voidedSession();
    return token;
  });
}

/**
 * provePassword has the person give the password again: a session that somebody else got hold of must not be enough to change what secures the
 * account, or to guess the password. Throws `invalid-input` of `field` for a wrong one, `rate-limited` after too many.
 */
export async function provePassword({ store }: Pick<OwnDeps, 'store'>, { person }: Me, password: string, field = 'password') {
  const allowances = [{ key: `own password ${person.id}`, burst: 10, refill_s: 120 }];
  await takeAllowances(store.database, allowances);
  const account = await readAccount(store.database, person.id);
  if (!(await passwordMatches(password, account?.passwordHash)) || account === undefined) {
    throw wrong(field, 'is not the password of this account');
  }
  await settleAllowances(store.database, allowances);
  return account;
}

function wrong(field: string, problem: string): CausewayError {
  const message = `${field}: the value ${problem}`;
  return new CausewayError('invalid-input', `${message}.`, { details: [{ field, message }] });
}
