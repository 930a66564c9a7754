import { createCipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { notFound } from '../../contract/errors.ts';
import type { ConnectorId } from '../../core/ids.ts';
import { hashSecret } from '../http/secret-hash.ts';
import type { Actor } from '../principal.ts';
import type { ProfileDeps } from './endpoint-profile.ts';
import { issueConnectorProfile } from './endpoint-profile.ts';
import type { Reader } from '../store/database.ts';

const derive = promisify(pbkdf2);

/** Fixed by openvpn-connector-setup (api.md 8.3): it splits the token 40 characters before its end and derives 32 + 12 bytes. */
const referenceCharacters = 40;
const iterations = 25_000;
const keyBytes = 32;
const ivBytes = 12;
const saltBytes = 32;

/** The password of a token is random, so that the few iterations which the format prescribes do not matter. */
const passwordBytes = 32;

/** Long enough to carry a token to a site, short enough that a forgotten one ends: then a new one is made. */
const lifetimeDays = 7;

/** EncryptedProfile: `token` for the operator alone, `blob` for whoever knows the reference, which is the token's last 40 characters. */
export type EncryptedProfile = { readonly token: string; readonly reference: string; readonly blob: string };

/** encryptProfile gives `base64(salt || AES-256-GCM ciphertext || tag)` with a fresh salt and password each time. */
export async function encryptProfile(profile: string): Promise<EncryptedProfile> {
  const password = randomBytes(passwordBytes);
  const salt = randomBytes(saltBytes);
  const material = await derive(password, salt, iterations, keyBytes + ivBytes, 'sha256');
  const cipher = createCipheriv('aes-256-gcm', material.subarray(0, keyBytes), material.subarray(keyBytes));
  const sealed = Buffer.concat([salt, cipher.update(profile, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  // 160 bits, in characters that need no escaping in a URL.
  const reference = randomBytes(referenceCharacters / 2).toString('hex');
  return { token: `${password.toString('base64')}${reference}`, reference, blob: sealed.toString('base64') };
}

/**
 * issueEncryptedProfile makes a profile for the connector, keeps it encrypted for a week and gives the token with which
 * `openvpn-connector-setup` fetches and opens it. Neither token nor profile can be had from the database.
 */
export async function issueEncryptedProfile(deps: ProfileDeps, actor: Actor, id: ConnectorId): Promise<string> {
  const { token, reference, blob } = await encryptProfile(await issueConnectorProfile(deps, actor, id));
  const { database } = deps.store;
  await database.deleteFrom('encrypted_profile').where('expires_at', '<', sql<Date>`now()`).execute();
  await database
    .insertInto('encrypted_profile')
    .values({
      reference_sha256: hashSecret(reference),
      connector_id: id,
      blob,
      expires_at: sql<Date>`now() + make_interval(days => ${lifetimeDays})`,
    })
    .execute();
  return token;
}

/** readEncryptedProfile gives what is kept under a reference, as the text that the tool expects. Throws not-found, also when expired. */
export async function readEncryptedProfile(reader: Reader, reference: string): Promise<string> {
  const row = await reader
    .selectFrom('encrypted_profile')
    .select('blob')
    .where('reference_sha256', '=', hashSecret(reference))
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  // The reference is half of a secret and is not repeated in an answer.
  if (row === undefined) throw notFound('encrypted profile', '(reference not shown)');
  return row.blob;
}
