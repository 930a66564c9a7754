import { isMailAddress } from '../../contract/api/mail.ts';
import { CausewayError, conflict, notFound } from '../../contract/errors.ts';
import type { UserId } from '../../core/ids.ts';
import { forgetAuthenticated } from '../connect-attempt/authenticated.ts';
import type { ControllerDeps } from '../deps.ts';
import { requireAuthorityOver } from '../domain/role-rules.ts';
import { setUserStatus } from '../domain/users.ts';
import { sourceNetwork } from '../http/source-network.ts';
import { passwordLetter } from '../mail/letters.ts';
import { readMailServer } from '../mail/mail-server.ts';
import { queueMail } from '../mail/outbox.ts';
import type { Actor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './accounts.ts';
import { findAccountByName, readAccount, writePassword } from './accounts.ts';
import { forgetBrowsers } from './browsers.ts';
import { takeAllowances } from './limits.ts';
import type { OneTimeLink } from './one-time-links.ts';
import { makeLink, requireLink, useLink } from './one-time-links.ts';
import { hashPassword } from './password-hash.ts';
import { requireUncommon } from './password-rules.ts';
import { announceEnd, endWebSessionsOf } from './web-sessions.ts';

type LinkDeps = Pick<ControllerDeps, 'store' | 'installation'>;

/**
 * makePasswordLink makes a link with which a person sets a password, the first one too, to be handed over by whoever asked for it. Refuses a
 * person above the actor (403): the link is as good as being that person until its second factor.
 */
export async function makePasswordLink({ store, installation }: LinkDeps, actor: Actor, user: UserId): Promise<OneTimeLink> {
  return await inModelTransaction(store, actor, async ({ trx, record }) => {
    const account = await readAccount(trx, user);
    if (account === undefined) throw notFound('user', user);
    await requireAuthorityOver(trx, actor, account.role);
    if (account.status === 'SUSPENDED') {
      throw conflict('status', 'This user is suspended: activate the user before making a link for a password.', { id: user });
    }
    const link = await makeLink(trx, installation, 'password', user);
    const after = { expiresAt: link.expiresAt.toISOString() };
    record({ entity: 'user', entityId: user, action: 'password-link-made', after });
    return link;
  });
}

/** allowReset refuses, with 429, a source that asks too often: what is sent goes to people who have not asked for it. */
export async function allowReset(store: Store, actor: Actor): Promise<void> {
  const source = sourceNetwork(actor.sourceAddress ?? '');
  await takeAllowances(store.database, [{ key: `reset source ${source}`, burst: 20, refill_s: 180 }]);
}

/**
 * mailPasswordLink sends a link to whoever has an account of this name or mail address and forgot its password. Nothing happens where there is
 * none, where mail is not set up, and where that person was written to a few times already; nobody is told which.
 */
export async function mailPasswordLink(
  deps: LinkDeps & Pick<ControllerDeps, 'secrets'>,
  actor: Actor,
  name: string,
): Promise<void> {
  const { store, installation, secrets } = deps;
  const found = await findAccountByName(store.database, name);
  if (found === undefined || !mayBeMailed(found) || (await readMailServer(store.database)) === null) return;
  if (!(await isWithin(takeAllowances(store.database, [{ key: `reset person ${found.user}`, burst: 3, refill_s: 600 }])))) return;
  await inModelTransaction(store, actor, async ({ trx, record }) => {
    const account = await readAccount(trx, found.user);
    if (account === undefined || !mayBeMailed(account)) return;
    const { url, expiresAt } = await makeLink(trx, installation, 'password', account.user);
    const { name: wpcName } = await trx.selectFrom('wpc').select('name').executeTakeFirstOrThrow();
    const letter = passwordLetter({ wpcName, username: account.username, link: url, expiresAt });
    await queueMail(trx, secrets, { kind: 'password', user: account.user, recipient: account.email, letter, expiresAt });
    const after = { expiresAt: expiresAt.toISOString(), mailed: true };
    record({ entity: 'user', entityId: account.user, action: 'password-link-made', after });
  });
}

function mayBeMailed({ status, passwordHash, email }: Account): boolean {
  return status === 'ACTIVE' && passwordHash !== undefined && isMailAddress(email);
}

async function isWithin(allowance: Promise<unknown>): Promise<boolean> {
  return await allowance.then(
    () => true,
    (error: unknown) => {
      if (error instanceof CausewayError && error.code === 'rate-limited') return false;
      throw error;
    },
  );
}

/**
 * completeReset sets the password of the link's person, ends all their sessions and makes their browsers strangers: whoever had the old
 * password is out, and devices that are asked at connect are asked again. The second factor stays. A person who was INVITED has now come. A password that is refused does not use the link up.
 */
export async function completeReset(
  { store }: LinkDeps,
  actor: Actor,
  { token, password }: { readonly token: string; readonly password: string },
): Promise<void> {
  const owner = await requireLink(store.database, 'password', token);
  const account = owner === null ? undefined : await readAccount(store.database, owner);
  requireUncommon(password, account === undefined ? [] : [account.username, account.email]);
  const passwordHash = await hashPassword(password);
  const proved: Actor = { ...actor, principal: { kind: 'one-time-link', purpose: 'password' } };
  const user = await inModelTransaction(store, proved, async (change) => {
    const { trx, record } = change;
    const user = await useLink(trx, 'password', token);
    const person = user === null ? undefined : await readAccount(trx, user);
    if (user === null || person === undefined) throw notFound('user', String(user));
    await writePassword(trx, user, passwordHash);
    await endWebSessionsOf(trx, user);
    await forgetBrowsers(trx, user);
    await forgetAuthenticated(change, user);
    record({ entity: 'user', entityId: user, action: 'password-set' });
    if (person.status === 'INVITED')
      await setUserStatus({ ...change, actor: { ...actor, principal: { kind: 'system' } } }, user, 'ACTIVE');
    return user;
  });
  await announceEnd(store, user);
}
