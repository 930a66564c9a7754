import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { CausewayError } from '../../contract/errors.ts';
import type { WebSessionId } from '../../core/ids.ts';
import type { InstallationInfo } from '../deps.ts';
import { hashSecret } from '../http/secret-hash.ts';
import { portalUrl } from '../portal-url.ts';
import type { Reader } from '../store/database.ts';
import { allowsPasskeys } from './passkey-host.ts';

/** Long enough to find a telephone and unlock it. */
const patience = '5 minutes';
const challengeBytes = 32;

/** RelyingParty is this installation as authenticators know it: a passkey works for one host name, and is asked for from one origin. */
export type RelyingParty = { readonly id: string; readonly origin: string };

/** relyingParty throws `conflict` where this installation is reached by an address: browsers refuse passkeys there. */
export function relyingParty(installation: InstallationInfo): RelyingParty {
  if (!allowsPasskeys(installation)) {
    throw new CausewayError(
      'conflict',
      `Passkeys need a host name, and this installation is reached as ${installation.hostname}. Start it with --hostname NAME.`,
    );
  }
  return { id: installation.hostname, origin: portalUrl(installation) };
}

/** newChallenge keeps a challenge for one answer; `session` is who asked, null for a sign-in that begins with the passkey. */
export async function newChallenge(reader: Reader, session: WebSessionId | null): Promise<Uint8Array<ArrayBuffer>> {
  const challenge = Uint8Array.from(randomBytes(challengeBytes));
  await reader
    .insertInto('passkey_challenge')
    .values({
      challenge_sha256: hashSecret(Buffer.from(challenge).toString('base64url')),
      session_id: session,
      expires_at: sql<Date>`now() + ${patience}::interval`,
    })
    .execute();
  return challenge;
}

/** takeChallenge uses a challenge up, whatever becomes of its answer; false where it was not this session's, or has run out. */
export async function takeChallenge(reader: Reader, session: WebSessionId | null, challenge: string): Promise<boolean> {
  const taken = await reader
    .deleteFrom('passkey_challenge')
    .where('challenge_sha256', '=', hashSecret(challenge))
    .returning(['session_id', sql<boolean>`expires_at > now()`.as('counts')])
    .executeTakeFirst();
  return taken !== undefined && taken.counts && taken.session_id === session;
}
