import { CausewayError } from '../../contract/errors.ts';
import type { UserId } from '../../core/ids.ts';
import { nilId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { sourceNetwork } from '../http/source-network.ts';
import type { Actor, Person } from '../principal.ts';
import { recordAudit } from '../store/model-transaction.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './accounts.ts';
import { findAccountByName } from './accounts.ts';
import type { KnownBrowser } from './browsers.ts';
import { findBrowser, rememberBrowser } from './browsers.ts';
import type { Allowance } from './allowance.ts';
import { settleAllowances, takeAllowances, tellOfFailure } from './limits.ts';
import { passwordMatches } from './password-hash.ts';
import type { BrowserFacts, WebSession } from './web-sessions.ts';
import { endWebSession, startWebSession } from './web-sessions.ts';

/** SignedIn is what a browser gets: the token of its session and, once it is signed in, that by which it is known. */
export type SignedIn =
  | { readonly kind: 'second-factor'; readonly session: string }
  | { readonly kind: 'signed-in'; readonly session: string; readonly browser: string };

export type SignInAttempt = {
  readonly username: string;
  readonly password: string;
  /** The token of the browser's own cookie, and the session that it has: it ends when another begins. */
  readonly browser: string | undefined;
  readonly session: WebSession | undefined;
  readonly from: BrowserFacts;
};

/** Asked for where there is no account: leaving a question out would be seen in the time of the answer. */
const nobody = nilId as UserId;

/**
 * signIn checks name and password. Unknown, without a password, suspended and wrong are one answer (401) after the same work: a name that nobody
 * has is counted and hashed like any other. Throws `rate-limited` when too many have failed (limits.ts).
 */
export async function signIn(
  { store }: Pick<ControllerDeps, 'store'>,
  actor: Actor,
  attempt: SignInAttempt,
): Promise<SignedIn & { readonly user: UserId }> {
  const { database } = store;
  const account = await findAccountByName(database, attempt.username);
  const known = await findBrowser(database, attempt.browser, account?.user ?? nobody);
  const allowances = passwordAllowances(attempt, actor, account, known);
  const used = await takeAllowances(database, allowances);
  const matches = await passwordMatches(attempt.password, account?.passwordHash);
  if (!matches || account?.status !== 'ACTIVE') {
    await tellOfFailure(store, actor, { user: account?.user, used, what: 'password' });
    throw refusal();
  }
  await settleAllowances(database, allowances);
  return await begin(store, actor, attempt, account, known);
}

async function begin(
  store: Store,
  actor: Actor,
  attempt: SignInAttempt,
  { user, username, role, secondFactors, passwordHash }: Account,
  known: KnownBrowser | undefined,
): Promise<SignedIn & { readonly user: UserId }> {
  return await store.database.transaction().execute(async (trx) => {
    // A new password ends all sessions: one that was checked against the old one must not begin after that.
    const current = await trx
      .selectFrom('account')
      .select('password_hash')
      .where('user_id', '=', user)
      .forShare()
      .executeTakeFirst();
    if (current?.password_hash !== passwordHash) throw refusal();
    if (attempt.session !== undefined) await endWebSession(trx, attempt.session.id, attempt.session.user);
    if (secondFactors.length > 0 && known?.isTrusted !== true) {
      const { token } = await startWebSession(trx, user, 'second-factor', attempt.from);
      return { kind: 'second-factor', user, session: token };
    }
    const session = await startWebSession(trx, user, 'signed-in', attempt.from);
    const person: Person = { kind: 'person', id: user, name: username, role, session: session.id };
    const after = { secondFactor: secondFactors.length > 0 ? 'trusted-browser' : 'none' };
    await recordAudit(trx, { ...actor, principal: person }, [{ entity: 'user', entityId: user, action: 'signed-in', after }]);
    return { kind: 'signed-in', user, session: session.token, browser: await rememberBrowser(trx, attempt.browser, user, false) };
  });
}

function refusal(): CausewayError {
  return new CausewayError(
    'unauthenticated',
    'User name or password is wrong, or the account is suspended. Try again, or ask an administrator.',
  );
}

/**
 * passwordAllowances are failures that slow a guesser down, and keep nobody out who is no guesser (decision 44):
 *
 *   known browser      its own; what others do elsewhere does not touch it
 *   name and source    10, then one in 2 minutes: who guesses from one place is stopped there, and the person signs in from another
 *   name               100, then one a minute: guessing from many places. 1,440 guesses a day do not find a password of 12 characters
 *   source             60, then one in 10 s: one password tried on many names
 */
export function passwordAllowances(
  { username, browser }: Pick<SignInAttempt, 'username' | 'browser'>,
  { sourceAddress }: Pick<Actor, 'sourceAddress'>,
  account: Account | undefined,
  known: KnownBrowser | undefined,
): Allowance[] {
  const source = sourceNetwork(sourceAddress ?? '');
  const name = account?.user ?? username.toLowerCase();
  if (known !== undefined) return [{ key: `password browser ${String(browser)} ${name}`, burst: 10, refill_s: 60 }];
  return [
    { key: `password name ${name} source ${source}`, burst: 10, refill_s: 120 },
    { key: `password source ${source}`, burst: 60, refill_s: 10 },
    { key: `password name ${name}`, burst: 100, refill_s: 60 },
  ];
}
