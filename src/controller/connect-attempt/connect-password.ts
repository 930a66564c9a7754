import { sql } from 'kysely';
import type { PasswordAttempt, PasswordOutcome } from '../../contract/connect-attempt.ts';
import { longestPassword } from '../../contract/api/person.ts';
import { CausewayError } from '../../contract/errors.ts';
import type { GatewayId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { hashSecret } from '../http/secret-hash.ts';
import type { Account } from '../identity/accounts.ts';
import { findAccountByName } from '../identity/accounts.ts';
import { settleAllowances, takeAllowances, tellOfFailure } from '../identity/limits.ts';
import { passwordMatches } from '../identity/password-hash.ts';
import { factorAllowances, isRightCode } from '../identity/second-factor.ts';
import { passwordAllowances } from '../identity/sign-in.ts';
import type { Actor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { insertAttempt } from './attempts.ts';
import { noteAuthenticated } from './authenticated.ts';
import type { DeviceOwner } from './device-owner.ts';
import { ownerOfCertificate, ownerOfDevice } from './device-owner.ts';
import type { GivenPassword } from './given-password.ts';
import { parseGivenPassword } from './given-password.ts';

export type PasswordDeps = Pick<ControllerDeps, 'store' | 'secrets' | 'clock'>;

type Attempt = Omit<PasswordAttempt, 'password' | 'serial'> & {
  readonly gateway: GatewayId;
  readonly owner: DeviceOwner | undefined;
};

const wrong = { kind: 'wrong' } as const;

/**
 * checkConnectPassword judges what the client of a device was given as name and password, within the same allowances of failures as the sign-in
 * page, so that guessing here gains nothing. `wrong` is one answer, after the same work, for a name that nobody has, a name that is not the
 * device's user, a wrong password or code, an account without password, a suspended person and a certificate of nobody.
 */
export async function checkConnectPassword(
  deps: PasswordDeps,
  gateway: GatewayId,
  { serial, clientAddress, username, password }: PasswordAttempt,
): Promise<PasswordOutcome> {
  const owner = await ownerOfCertificate(deps.store.database, serial);
  const given = parseGivenPassword(password);
  try {
    const attempt = { gateway, owner, clientAddress, username };
    return given.kind === 'code' ? await checkAnswer(deps, attempt, given) : await checkPassword(deps, attempt, given);
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'rate-limited') return { kind: 'too-many' };
    throw error;
  }
}

async function checkPassword(
  deps: PasswordDeps,
  attempt: Attempt,
  { password, code }: Extract<GivenPassword, { readonly kind: 'password' }>,
): Promise<PasswordOutcome> {
  const { store } = deps;
  const { database } = store;
  const { owner, username } = attempt;
  const actor = actorOf(attempt);
  const named = await findAccountByName(database, username);
  const allowances = passwordAllowances({ username, browser: undefined }, actor, named, undefined);
  const used = await takeAllowances(database, allowances);
  // Somebody else's account is not even looked at: who has a stolen profile must not find out other people's passwords with it.
  const account = named !== undefined && named.user === owner?.user ? named : undefined;
  const matches = await passwordMatches(password.slice(0, longestPassword + 1), account?.passwordHash);
  if (!matches || account?.status !== 'ACTIVE' || owner === undefined) {
    await tellOfFailure(store, actor, { user: named?.user, used, what: 'password' });
    return wrong;
  }
  await settleAllowances(database, allowances);
  if (account.secondFactors.length === 0) {
    return account.secondFactor === 'REQUIRED' ? { kind: 'second-factor-missing' } : await done(deps, { ...attempt, owner });
  }
  // A passkey cannot be given by this way; a recovery code stands in for it.
  if (code !== null) return await checkCode(deps, { ...attempt, owner }, account, code);
  const { secret } = await insertAttempt(database, 'code', { ...attempt, owner });
  return { kind: 'second-factor', state: secret };
}

/** The challenge is used up whether the code is right or not: after a wrong one the password is asked for again. */
async function checkAnswer(
  deps: PasswordDeps,
  attempt: Attempt,
  { state, code }: Extract<GivenPassword, { readonly kind: 'code' }>,
): Promise<PasswordOutcome> {
  const { owner } = attempt;
  if (owner === undefined) return wrong;
  const { database } = deps.store;
  const row = await database
    .updateTable('connect_attempt')
    .set({ state: 'approved' })
    .where('secret_sha256', '=', hashSecret(state))
    .where('way', '=', 'code')
    .where('state', '=', 'waiting')
    .where('device_id', '=', owner.device)
    .where('expires_at', '>', sql<Date>`now()`)
    .returning(['role', 'group_id'])
    .executeTakeFirst();
  const account = await findAccountByName(database, owner.username);
  if (row?.role !== owner.role || row.group_id !== owner.group || account?.user !== owner.user || account.status !== 'ACTIVE') {
    return wrong;
  }
  return await checkCode(deps, { ...attempt, owner }, account, code);
}

async function checkCode(
  deps: PasswordDeps,
  attempt: Attempt & { readonly owner: DeviceOwner },
  { user }: Account,
  code: string,
): Promise<PasswordOutcome> {
  const { store, secrets, clock } = deps;
  const { database } = store;
  const allowances = factorAllowances(user, undefined);
  const used = await takeAllowances(database, allowances);
  // Codes of the app have six digits; recovery codes are longer.
  const method = /^\d{6}$/.test(code) ? 'totp' : 'recovery-code';
  const isRight = await database
    .transaction()
    .execute(async (trx) => await isRightCode({ reader: trx, secrets, now: clock() }, user, { method, code }));
  if (!isRight) {
    await tellOfFailure(store, actorOf(attempt), { user, used, what: 'second-factor' });
    return wrong;
  }
  await settleAllowances(database, allowances);
  return await done(deps, attempt);
}

async function done({ store }: PasswordDeps, attempt: Attempt & { readonly owner: DeviceOwner }): Promise<PasswordOutcome> {
  const { owner, clientAddress } = attempt;
  return await inModelTransaction(store, actorOf(attempt), async (change) => {
    // The hash took its time: whoever was suspended or moved meanwhile is not let in.
    const now = await ownerOfDevice(change.trx, owner.device);
    if (now?.status !== 'ACTIVE' || now.role !== owner.role || now.group !== owner.group) return wrong;
    await noteAuthenticated(change, owner.device, { user: owner.username, from: clientAddress, by: 'password' });
    return { kind: 'approved' };
  });
}

/** What is done at connect is the device's person's doing, from where the client is. */
function actorOf({ owner, gateway, clientAddress }: Attempt): Actor {
  const principal =
    owner === undefined
      ? ({ kind: 'gateway', id: gateway, name: 'gateway' } as const)
      : ({ kind: 'device-user', id: owner.user, name: owner.username } as const);
  return { principal, sourceAddress: clientAddress, requestId: null };
}
