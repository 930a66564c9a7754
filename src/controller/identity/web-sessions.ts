import { sql } from 'kysely';
import { CausewayError } from '../../contract/errors.ts';
import type { UserId, WebSessionId } from '../../core/ids.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import type { Reader } from '../store/database.ts';
import { appendEvents } from '../store/model-transaction.ts';
import type { UserRole } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { owesSecondFactor } from './demanded-second-factor.ts';

/**
 * A session is a random token in a cookie, kept as SHA-256. States:
 *
 *   second-factor -> signed-in   by the second factor, as a new session with a new token
 *   both          -> gone        by signing out, by time, by another one of the person (own-account.ts), by a new password, and by a change of the
 *                                person's role or standing (trigger app_user_end_sessions)
 */
export type WebSession = {
  readonly id: WebSessionId;
  readonly user: UserId;
  readonly state: 'second-factor' | 'signed-in';
  readonly username: string;
  readonly role: UserRole;
  /** It may do nothing but add one (http/authorisation.ts). Looked at with each request, so a new demand counts in sessions that are open. */
  readonly owesSecondFactor: boolean;
};

/** A working day: who comes back the next morning signs in, who was at lunch does not. */
const idle = '12 hours';
/** However busy it is, a stolen token ends within the week. */
const longest = '7 days';
/** Long enough to find the telephone. */
const secondFactorPatience = '10 minutes';
/** Seeing a session writes a row: once a minute is exact enough for people, and for 12 hours. */
const seenEvery = '1 minute';

export const longestSession_s = 7 * 86_400;

/** What a browser calls itself is shown to its person; more than this is no name. */
const longestUserAgent = 200;

/** BrowserFacts is where a session was begun, for the list that its person sees. */
export type BrowserFacts = { readonly sourceAddress: string | null; readonly userAgent: string };

const interval = (text: string) => sql<Date>`now() + ${text}::interval`;
const ago = (text: string) => sql<Date>`now() - ${text}::interval`;

/** voidedSession is the refusal where a session has ended, also between two steps of one request. */
export function voidedSession(): CausewayError {
  return new CausewayError('unauthenticated', 'Nobody is signed in, or the session has ended; sign in and try again.');
}

/** findWebSession gives the session of a token, and notes that it was seen; undefined for one that has ended, and for a person who may not sign in. */
export async function findWebSession(reader: Reader, token: string): Promise<WebSession | undefined> {
  const row = await reader
    .selectFrom('web_session')
    .innerJoin('app_user', 'app_user.id', 'web_session.user_id')
    .select(['web_session.id', 'web_session.user_id', 'web_session.state', 'app_user.username', 'app_user.role'])
    .select(sql<boolean>`web_session.last_seen_at < ${ago(seenEvery)}`.as('unseen'))
    .select(owesSecondFactor.as('owesSecondFactor'))
    .where('web_session.token_sha256', '=', hashSecret(token))
    .where('web_session.expires_at', '>', sql<Date>`now()`)
    .where('web_session.last_seen_at', '>', ago(idle))
    .where('app_user.status', '=', 'ACTIVE')
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.unseen) {
    await reader.updateTable('web_session').set({ last_seen_at: sql<Date>`now()` }).where('id', '=', row.id).execute();
  }
  const { id, user_id: user, state, username, role } = row;
  return { id, user, state, username, role, owesSecondFactor: row.owesSecondFactor };
}

/** startWebSession gives the token of a new session, which is kept nowhere. */
export async function startWebSession(
  reader: Reader,
  user: UserId,
  state: WebSession['state'],
  from: BrowserFacts,
): Promise<{ readonly id: WebSessionId; readonly token: string }> {
  const token = newSecret();
  const { id } = await reader
    .insertInto('web_session')
    .values({
      token_sha256: hashSecret(token),
      user_id: user,
      state,
      expires_at: interval(state === 'signed-in' ? longest : secondFactorPatience),
      source_address: from.sourceAddress,
      user_agent: from.userAgent.slice(0, longestUserAgent),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, token };
}

/** renewWebSession gives a session another token: what was known of it before is worth nothing. Undefined when it has ended meanwhile. */
export async function renewWebSession(reader: Reader, id: WebSessionId): Promise<string | undefined> {
  const token = newSecret();
  const { numUpdatedRows } = await reader
    .updateTable('web_session')
    .set({ token_sha256: hashSecret(token) })
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n ? token : undefined;
}

/** endWebSession says whether there was one. `user` keeps it to this person's. */
export async function endWebSession(reader: Reader, id: WebSessionId, user: UserId): Promise<boolean> {
  const { numDeletedRows } = await reader
    .deleteFrom('web_session')
    .where('id', '=', id)
    .where('user_id', '=', user)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

/** endWebSessionsOf ends all sessions of a person but one. */
export async function endWebSessionsOf(reader: Reader, user: UserId, but?: WebSessionId): Promise<void> {
  const all = reader.deleteFrom('web_session').where('user_id', '=', user);
  await (but === undefined ? all : all.where('id', '<>', but)).execute();
}

/** announceEnd tells every controller that sessions of a person have ended, so that streams of events behind them end too. After the transaction. */
export async function announceEnd(store: Store, user: UserId): Promise<void> {
  await appendEvents(store, [{ topic: 'web-session.ended', entity: 'user', entityId: user }]);
}

/** administratorsUntil gives until when these sessions hold, of people who administer; who is absent is not signed in, or not as one, any more, or owes a second factor. */
export async function administratorsUntil(reader: Reader, ids: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  const rows = await reader
    .selectFrom('web_session')
    .innerJoin('app_user', 'app_user.id', 'web_session.user_id')
    .select(['web_session.id', sql<Date>`least(expires_at, last_seen_at + ${idle}::interval)`.as('until')])
    .where(sql<boolean>`web_session.id = any(${[...ids]}::uuid[])`)
    .where('web_session.state', '=', 'signed-in')
    .where(sql<boolean>`least(expires_at, last_seen_at + ${idle}::interval) > now()`)
    .where('app_user.status', '=', 'ACTIVE')
    .where('app_user.role', 'in', ['OWNER', 'ADMIN'])
    .where(sql<boolean>`not ${owesSecondFactor}`)
    .execute();
  return new Map(rows.map(({ id, until }) => [id, until]));
}

/** listWebSessions gives the sessions in which a person is signed in, the one that was seen last first. */
export async function listWebSessions(reader: Reader, user: UserId) {
  return await reader
    .selectFrom('web_session')
    .select(['id', 'started_at', 'last_seen_at', 'expires_at', 'source_address', 'user_agent'])
    .where('user_id', '=', user)
    .where('state', '=', 'signed-in')
    .where('expires_at', '>', sql<Date>`now()`)
    .where('last_seen_at', '>', ago(idle))
    .orderBy('last_seen_at', 'desc')
    .orderBy('id')
    .execute();
}
