import { sql } from 'kysely';
import type { Invitation, InvitationEnd } from '../../contract/api/invitation.ts';
import { isMailAddress } from '../../contract/api/mail.ts';
import { CausewayError, conflict, notFound } from '../../contract/errors.ts';
import type { UserId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { requireAuthorityOver } from '../domain/role-rules.ts';
import { shownName } from '../domain/shown-name.ts';
import { setUserStatus } from '../domain/users.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import { invitationLetter } from '../mail/letters.ts';
import { readMailServer } from '../mail/mail-server.ts';
import { queueMail, withdrawMails } from '../mail/outbox.ts';
import { portalUrl } from '../portal-url.ts';
import type { Actor } from '../principal.ts';
import { systemActor } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { readAccount, writePassword } from './accounts.ts';
import { rememberBrowser } from './browsers.ts';
import { hashPassword } from './password-hash.ts';
import { requireUncommon } from './password-rules.ts';
import type { SignedIn } from './sign-in.ts';
import type { BrowserFacts } from './web-sessions.ts';
import { startWebSession } from './web-sessions.ts';

/** A week: whoever is on holiday is not, and a mail that was read by others later opens nothing. */
const life = '7 days';

/**
 * inviteUser makes a link with which a person chooses the first password, voids the one before, and puts it into the outbox where mail is set
 * up and the person has an address. Refuses a person above the actor (403), a suspended one, and one who has a password (409): that would be
 * a way into an account that somebody uses.
 */
export async function inviteUser(
  change: Change,
  { installation, secrets }: Pick<ControllerDeps, 'installation' | 'secrets'>,
  user: UserId,
): Promise<Invitation> {
  const { trx, actor, record } = change;
  const account = await readAccount(trx, user);
  if (account === undefined) throw notFound('user', user);
  await requireAuthorityOver(trx, actor, account.role);
  const name = shownName(account.username);
  if (account.status === 'SUSPENDED')
    throw conflict('status', `User ${name} is suspended. Activate the user, then send the invitation.`);
  if (account.passwordHash !== undefined) {
    throw conflict('user', `User ${name} has a password already. Make a password link if it is forgotten.`);
  }
  await endInvitations(trx, user, 'replaced');
  const token = newSecret();
  const { expires_at: expiresAt } = await trx
    .insertInto('invitation')
    .values({ token_sha256: hashSecret(token), user_id: user, expires_at: sql<Date>`now() + ${life}::interval` })
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  const link = `${portalUrl(installation)}/invitation#${token}`;
  const mailed = isMailAddress(account.email) && (await readMailServer(trx)) !== null;
  if (mailed) {
    const { name: wpcName } = await trx.selectFrom('wpc').select('name').executeTakeFirstOrThrow();
    // What a credential is called is nothing that strangers know.
    const invitedBy = actor.principal.kind === 'person' ? actor.principal.name : 'An administrator';
    const letter = invitationLetter({ wpcName, invitedBy, username: account.username, link, expiresAt });
    await queueMail(trx, secrets, { kind: 'invitation', user, recipient: account.email, letter, expiresAt });
  } else {
    await withdrawMails(trx, user, 'invitation', 'a newer link has replaced the one in it');
  }
  record({ entity: 'user', entityId: user, action: 'invited', after: { expiresAt: expiresAt.toISOString(), mailed } });
  return { link, mailed, expiresAt: expiresAt.toISOString() };
}

export type OpenInvitation = {
  readonly user: UserId;
  readonly username: string;
  readonly email: string;
  readonly status: 'ACTIVE' | 'INVITED';
  readonly wpcName: string;
  readonly expiresAt: Date;
};

/** findInvitation gives whom a link invites, and changes nothing. Throws not-found for no link of ours, conflict with the reason for one that is over. */
export async function findInvitation(reader: Reader, token: string): Promise<OpenInvitation> {
  const row = await reader
    .selectFrom('invitation')
    .innerJoin('app_user', 'app_user.id', 'invitation.user_id')
    .innerJoin('wpc', (join) => join.onTrue())
    .leftJoin('account', 'account.user_id', 'app_user.id')
    .select(['app_user.id', 'app_user.username', 'app_user.email', 'app_user.status', 'wpc.name as wpc'])
    .select(['invitation.expires_at', 'invitation.ended_by', 'account.password_hash'])
    .select(sql<boolean>`invitation.expires_at <= now()`.as('is_expired'))
    .where('invitation.token_sha256', '=', hashSecret(token))
    .executeTakeFirst();
  if (row === undefined) {
    throw new CausewayError(
      'not-found',
      'Invitation not found: this is not the whole link, or it is older than a month, or its user was removed. Ask who invited you.',
    );
  }
  if (row.ended_by === 'accepted' || (row.ended_by === null && row.password_hash !== null)) throw over('used');
  if (row.ended_by !== null) throw over(row.ended_by);
  if (row.is_expired) throw over('expired');
  if (row.status === 'SUSPENDED') throw over('suspended');
  const { id: user, username, email, status, wpc: wpcName, expires_at: expiresAt } = row;
  return { user, username, email, status, wpcName, expiresAt };
}

/**
 * acceptInvitation gives the person the password, activates the user and begins a session: all of it or nothing. Of several at once one is
 * taken and the others are told that it was used. A password that is refused uses nothing up.
 */
export async function acceptInvitation(
  { store }: Pick<ControllerDeps, 'store'>,
  actor: Actor,
  { token, password }: { readonly token: string; readonly password: string },
  from: BrowserFacts,
  browser: string | undefined,
): Promise<SignedIn & { readonly user: UserId }> {
  // Before the hash: who has no link must not make us compute.
  const invited = await findInvitation(store.database, token);
  requireUncommon(password, [invited.username, invited.email, invited.wpcName]);
  const passwordHash = await hashPassword(password);
  const proved: Actor = { ...actor, principal: { kind: 'one-time-link', purpose: 'invitation' } };
  return await inModelTransaction(store, proved, async (change) => {
    const { trx, record } = change;
    const { user, status } = await findInvitation(trx, token);
    await endInvitations(trx, user, 'accepted');
    await withdrawMails(trx, user, 'invitation', 'the invitation was accepted');
    await writePassword(trx, user, passwordHash);
    record({ entity: 'user', entityId: user, action: 'invitation-accepted' });
    // Whoever holds the link may do nothing to people, but for this.
    if (status === 'INVITED') await setUserStatus({ ...change, actor: systemActor }, user, 'ACTIVE');
    const { token: session } = await startWebSession(trx, user, 'signed-in', from);
    record({ entity: 'user', entityId: user, action: 'signed-in' });
    return { kind: 'signed-in' as const, user, session, browser: await rememberBrowser(trx, browser, user, false) };
  });
}

async function endInvitations(reader: Reader, user: UserId, how: 'accepted' | 'replaced'): Promise<void> {
  await reader
    .updateTable('invitation')
    .set({ ended_at: sql<Date>`now()`, ended_by: how })
    .where('user_id', '=', user)
    .where('ended_at', 'is', null)
    .execute();
}

function over(reason: InvitationEnd): CausewayError {
  const message = `This invitation ${endInWords[reason]}`;
  return conflict('token', message, { reason });
}

const endInWords: Readonly<Record<InvitationEnd, string>> = {
  used: 'was accepted already. Sign in with the password that was chosen then.',
  expired: 'has expired: it was good for 7 days. Ask who invited you for a new one.',
  replaced: 'was replaced by a newer one. Open the link of the latest mail.',
  withdrawn: 'is void, because the role or the mail address of its user was changed. Ask who invited you for a new one.',
  suspended: 'belongs to a user who is suspended. Ask who invited you.',
};
