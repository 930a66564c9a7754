/**
 * src/controller/api-credential is how programs prove who they are: credentials, which people who administer make, or root, and the access tokens that are got for
 * them. Tests: `node --test 'src/controller/api-credential/*.test.ts'`.
 */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { CausewayError, invalidInput, notFound } from '../../contract/errors.ts';
import type { Permission } from '../../contract/permission.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { requireAllowedSource } from '../http/allowed-source.ts';
import { hashSecret, newSecret, secretMatches } from '../http/secret-hash.ts';
import type { Actor } from '../principal.ts';
import { principalName } from '../principal.ts';
import { appendEvents, recordAudit } from '../store/model-transaction.ts';
import type { Row } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/**
 * As long as CloudConnexa's (about 12 h): its clients take one token at their start and never renew it, and a long apply must not outlive it.
 */
export const accessTokenLifetime_s = 43_199;

export type WantedApiCredential = {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly expiresAt: Date | null;
  /** From where it may be used; none: from anywhere. */
  readonly allowedPrefixes?: readonly PrefixText[];
};

export type NewApiCredential = { readonly clientId: string; readonly clientSecret: string };

/**
 * createApiCredential makes a credential and gives its secret, which is not kept and cannot be shown again. The client id is
 * `RANDOM.CLOUDID`, from which existing scripts take the cloud id (api.md 1.11).
 */
export async function createApiCredential(store: Store, actor: Actor, wanted: WantedApiCredential): Promise<NewApiCredential> {
  if (wanted.expiresAt !== null && wanted.expiresAt.getTime() <= Date.now()) {
    throw invalidInput('expiresAt', wanted.expiresAt.toISOString(), 'has passed', 'an instant in the future, or none');
  }
  const clientSecret = newSecret();
  return await store.database.transaction().execute(async (trx) => {
    const { cloud_id } = await trx.selectFrom('wpc').select('cloud_id').executeTakeFirstOrThrow();
    const clientId = `${randomBytes(12).toString('hex')}.${cloud_id}`;
    const { id } = await trx
      .insertInto('api_credential')
      .values({
        name: wanted.name,
        client_id: clientId,
        secret_sha256: hashSecret(clientSecret),
        permissions: [...wanted.permissions],
        expires_at: wanted.expiresAt,
        allowed_prefixes: [...(wanted.allowedPrefixes ?? [])],
        authority: actor.principal.kind === 'person' && actor.principal.role !== 'OWNER' ? 'ADMIN' : 'OWNER',
        created_by: principalName(actor.principal).name,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await recordAudit(trx, actor, [
      {
        entity: 'api-credential',
        entityId: id,
        action: 'created',
        after: { ...wanted, expiresAt: wanted.expiresAt?.toISOString() ?? null, clientId },
      },
    ]);
    return { clientId, clientSecret };
  });
}

/** listApiCredentials never gives a secret or its hash. */
export async function listApiCredentials(store: Store): Promise<Omit<Row<'api_credential'>, 'secret_sha256' | 'number'>[]> {
  return await store.database
    .selectFrom('api_credential')
    .select([
      'id',
      'name',
      'client_id',
      'permissions',
      'created_at',
      'expires_at',
      'last_used_at',
      'allowed_prefixes',
      'authority',
      'created_by',
    ])
    .orderBy('number')
    .execute();
}

/** deleteApiCredential withdraws it at once, with every access token that it got; the event ends the streams that they hold. */
export async function deleteApiCredential(store: Store, actor: Actor, id: string): Promise<void> {
  await store.database.transaction().execute(async (trx) => {
    const deleted = await trx
      .deleteFrom('api_credential')
      .where('id', '=', id)
      .returning(['name', 'client_id'])
      .executeTakeFirst();
    if (deleted === undefined) throw notFound('API credential', id);
    await recordAudit(trx, actor, [
      { entity: 'api-credential', entityId: id, action: 'deleted', before: { name: deleted.name, clientId: deleted.client_id } },
    ]);
  });
  await appendEvents(store, [{ topic: 'api-credential.deleted', entity: 'api-credential', entityId: id }]);
}

export type ProvedCredential = Pick<Row<'api_credential'>, 'id' | 'name' | 'permissions' | 'authority'>;

/** Compared against where the client id is unknown, so that both answers take the same work. */
const nobodysSecret = hashSecret(newSecret());

/**
 * proveApiCredential gives the credential whose client id and secret these are. The same refusal for an unknown id, a wrong
 * secret and an expired credential; `forbidden` where all of it is right and it comes from an address that is not allowed.
 */
export async function proveApiCredential(
  store: Store,
  clientId: string,
  clientSecret: string,
  sourceAddress: string | null,
): Promise<ProvedCredential> {
  const credential = await store.database
    .selectFrom('api_credential')
    .select(['id', 'name', 'permissions', 'authority', 'secret_sha256', 'allowed_prefixes'])
    .where('client_id', '=', clientId)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', sql<Date>`now()`)]))
    .executeTakeFirst();
  const matches = secretMatches(clientSecret, credential?.secret_sha256 ?? nobodysSecret);
  if (credential === undefined || !matches) {
    throw new CausewayError(
      'unauthenticated',
      'The client id is unknown, its secret is wrong, or the credential has expired; create one with: causeway api-credential create.',
    );
  }
  requireAllowedSource(credential.allowed_prefixes, sourceAddress);
  const { id, name, permissions, authority } = credential;
  return { id, name, permissions, authority };
}

/** noteUse keeps when a credential was used last, to the minute: whoever shows it every few seconds is no reason to write as often. */
export async function noteUse(store: Store, credentialId: string): Promise<void> {
  await store.database
    .updateTable('api_credential')
    .set({ last_used_at: sql<Date>`now()` })
    .where('id', '=', credentialId)
    .where(sql<boolean>`last_used_at is null or last_used_at < now() - interval '1 minute'`)
    .execute();
}

/**
 * issueAccessToken makes a token for a credential that was proved. Every caller gets one of its own, so that none is ended by another's;
 * the expired ones of the credential are swept here.
 */
export async function issueAccessToken(store: Store, credentialId: string): Promise<string> {
  const token = newSecret();
  await store.database.transaction().execute(async (trx) => {
    await trx
      .deleteFrom('access_token')
      .where('api_credential_id', '=', credentialId)
      .where('expires_at', '<', sql<Date>`now()`)
      .execute();
    await trx
      .insertInto('access_token')
      .values({
        token_sha256: hashSecret(token),
        api_credential_id: credentialId,
        expires_at: sql<Date>`now() + ${`${String(accessTokenLifetime_s)} seconds`}::interval`,
      })
      .execute();
    await trx.updateTable('api_credential').set({ last_used_at: sql<Date>`now()` }).where('id', '=', credentialId).execute();
  });
  return token;
}
