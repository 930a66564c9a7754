import { sql } from 'kysely';
import { CausewayError } from '../../contract/errors.ts';
import type { UserId } from '../../core/ids.ts';
import type { InstallationInfo } from '../deps.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import { portalUrl } from '../portal-url.ts';
import type { Reader } from '../store/database.ts';

/**
 * A link that works once and for a while, and that a new one of its kind voids. Its secret stands behind `#`, which browsers send to nobody: it
 * is in no log and no Referer. Opening the link shows a page; only what the page posts uses it, so that scanners of mail do not.
 */
export type LinkPurpose = 'set-up' | 'password';

const kinds = {
  'set-up': { page: '/set-up', life_s: 3_600 },
  password: { page: '/new-password', life_s: 1_800 },
} as const satisfies Record<LinkPurpose, { readonly page: string; readonly life_s: number }>;

export type OneTimeLink = { readonly url: string; readonly expiresAt: Date };

/** makeLink gives the link, whose secret is not kept. Call it in a model transaction: they are in order, so two at once give one that counts. */
export async function makeLink(
  reader: Reader,
  installation: InstallationInfo,
  purpose: LinkPurpose,
  user: UserId | null,
): Promise<OneTimeLink> {
  await voidLinks(reader, purpose, user);
  const { page, life_s } = kinds[purpose];
  const token = newSecret();
  const { expires_at } = await reader
    .insertInto('one_time_link')
    .values({
      token_sha256: hashSecret(token),
      purpose,
      user_id: user,
      expires_at: sql<Date>`now() + ${`${String(life_s)} seconds`}::interval`,
    })
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  return { url: `${portalUrl(installation)}${page}#${token}`, expiresAt: expires_at };
}

export async function voidLinks(reader: Reader, purpose: LinkPurpose, user: UserId | null): Promise<void> {
  await reader
    .deleteFrom('one_time_link')
    .where('purpose', '=', purpose)
    .where('user_id', 'is not distinct from', user)
    .execute();
}

/** requireLink refuses a link that is unknown, used or too old, and gives whose it is. It does not use it. */
export async function requireLink(reader: Reader, purpose: LinkPurpose, token: string): Promise<UserId | null> {
  const row = await reader
    .selectFrom('one_time_link')
    .select('user_id')
    .where('token_sha256', '=', hashSecret(token))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  if (row === undefined) throw refusal(purpose);
  return row.user_id;
}

/** useLink takes the link away, and gives whose it was: of several at once, one gets it and the others are refused as requireLink does. */
export async function useLink(reader: Reader, purpose: LinkPurpose, token: string): Promise<UserId | null> {
  const row = await reader
    .deleteFrom('one_time_link')
    .where('token_sha256', '=', hashSecret(token))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', sql<Date>`now()`)
    .returning('user_id')
    .executeTakeFirst();
  if (row === undefined) throw refusal(purpose);
  return row.user_id;
}

function refusal(purpose: LinkPurpose): CausewayError {
  const remedy = {
    'set-up': 'on the server, as root, "causeway setup-link" makes a new one',
    password: 'ask an administrator for a new one',
  }[purpose];
  const message = `token: this link was used, is older than ${purpose === 'set-up' ? 'an hour' : '30 minutes'}, or is not whole; ${remedy}`;
  return new CausewayError('invalid-input', `${message}.`, { details: [{ field: 'token', message }] });
}
