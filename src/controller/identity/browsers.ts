import { sql } from 'kysely';
import type { UserId } from '../../core/ids.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import type { Reader } from '../store/database.ts';

/**
 * A browser in which somebody has signed in holds a second cookie. It proves nothing: it gives this browser an allowance of failures of its own,
 * so that whoever guesses from elsewhere cannot keep its person out, and, where the person said so, spares the second factor.
 */
const known = '400 days';
export const knownBrowser_s = 400 * 86_400;

/** How long "do not ask on this browser" lasts. */
const trusted = '30 days';

export type KnownBrowser = { readonly isTrusted: boolean };

/** findBrowser says whether this person has signed in with the browser that holds this token. */
export async function findBrowser(reader: Reader, token: string | undefined, user: UserId): Promise<KnownBrowser | undefined> {
  if (token === undefined) return undefined;
  const row = await reader
    .selectFrom('browser')
    .innerJoin('wpc', (join) => join.onTrue())
    .select(sql<boolean>`coalesce(trusted_until > now(), false) and trusted_devices_allowed`.as('isTrusted'))
    .where('token_sha256', '=', hashSecret(token))
    .where('user_id', '=', user)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row;
}

/**
 * rememberBrowser gives the browser a new token and takes along what was known by the old one, also of others who use it. The old one is worth
 * nothing then: one that was planted or copied does not become trusted.
 */
export async function rememberBrowser(reader: Reader, old: string | undefined, user: UserId, trust: boolean): Promise<string> {
  const token = newSecret();
  const token_sha256 = hashSecret(token);
  if (old !== undefined) {
    await reader.updateTable('browser').set({ token_sha256 }).where('token_sha256', '=', hashSecret(old)).execute();
  }
  const until = (text: string) => sql<Date>`now() + ${text}::interval`;
  const fresh = { expires_at: until(known), ...(trust ? { trusted_until: until(trusted) } : {}) };
  await reader
    .insertInto('browser')
    .values({ token_sha256, user_id: user, trusted_until: null, ...fresh })
    .onConflict((conflict) => conflict.columns(['token_sha256', 'user_id']).doUpdateSet(fresh))
    .execute();
  return token;
}

/** forgetBrowsers makes all browsers of a person strangers; `but` is the token of one that stays. */
export async function forgetBrowsers(reader: Reader, user: UserId, but?: string): Promise<void> {
  const all = reader.deleteFrom('browser').where('user_id', '=', user);
  await (but === undefined ? all : all.where('token_sha256', '<>', hashSecret(but))).execute();
}

/** distrustAllBrowsers does so for everybody. */
export async function distrustAllBrowsers(reader: Reader): Promise<void> {
  await reader.updateTable('browser').set({ trusted_until: null }).where('trusted_until', 'is not', null).execute();
}

/** allowsTrust: the setting auth/trusted-devices-allowed. A page that was open when it was switched off may still ask for it. */
export async function allowsTrust(reader: Reader): Promise<boolean> {
  const { allowed } = await reader.selectFrom('wpc').select('trusted_devices_allowed as allowed').executeTakeFirstOrThrow();
  return allowed;
}

/** distrustBrowsers makes every browser of a person ask for the second factor again. */
export async function distrustBrowsers(reader: Reader, user: UserId): Promise<void> {
  await reader.updateTable('browser').set({ trusted_until: null }).where('user_id', '=', user).execute();
}
