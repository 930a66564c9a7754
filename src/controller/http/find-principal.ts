import { CausewayError } from '../../contract/errors.ts';
import { sql } from 'kysely';
import { isPermission } from '../../contract/permission.ts';
import type { Principal } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import { requireAllowedSource } from './allowed-source.ts';
import { hashSecret } from './secret-hash.ts';

/**
 * Each function finds whom a bearer token belongs to; undefined for an unknown, expired or withdrawn one, without saying which. Looked up
 * by SHA-256 through a unique index: what an attacker could time is the hash of his own guess.
 */
export async function findApiCredential(
  reader: Reader,
  token: string,
  sourceAddress: string | null,
): Promise<Principal | undefined> {
  const row = await reader
    .selectFrom('access_token')
    .innerJoin('api_credential', 'api_credential.id', 'access_token.api_credential_id')
    .select([
      'api_credential.id',
      'api_credential.name',
      'api_credential.permissions',
      'api_credential.authority',
      'api_credential.allowed_prefixes',
    ])
    .where('access_token.token_sha256', '=', hashSecret(token))
    .where('access_token.expires_at', '>', sql<Date>`now()`)
    .where((where) =>
      where.or([where('api_credential.expires_at', 'is', null), where('api_credential.expires_at', '>', sql<Date>`now()`)]),
    )
    .executeTakeFirst();
  if (row === undefined) return undefined;
  requireAllowedSource(row.allowed_prefixes, sourceAddress);
  const { id, name, authority } = row;
  return { kind: 'api-credential', id, name, permissions: row.permissions.filter(isPermission), authority };
}

export async function findGateway(reader: Reader, token: string): Promise<Principal | undefined> {
  const row = await reader
    .selectFrom('gateway')
    .select(['id', 'name'])
    .where('token_sha256', '=', hashSecret(token))
    .executeTakeFirst();
  return row === undefined ? undefined : { kind: 'gateway', id: row.id, name: row.name };
}

/** findConnectorAgent throws for a credential that was one: its agent's log then says what happened, and what to do. */
export async function findConnectorAgent(reader: Reader, token: string): Promise<Principal | undefined> {
  const row = await reader
    .selectFrom('agent_credential')
    .select(['id', 'connector_id', 'first_used_at', 'expires_at', sql<boolean>`expires_at <= now()`.as('ended')])
    .where('secret_sha256', '=', hashSecret(token))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { id, connector_id, first_used_at, expires_at, ended } = row;
  if (ended) {
    throw new CausewayError(
      'unauthenticated',
      `This connector was away until its credential ended on ${expires_at.toISOString().slice(0, 10)}. Make a new install line for it and paste it here; it stays the same connector.`,
    );
  }
  return { kind: 'connector-agent', connector: connector_id, credential: id, isFirstUse: first_used_at === null };
}

/** An install token that was used is found as well: the same key may repeat the exchange, and the route decides about another one. */
export async function findInstallToken(reader: Reader, token: string): Promise<Principal | undefined> {
  const row = await reader
    .selectFrom('install_token')
    .select(['id', 'connector_id', 'token_sha256'])
    .where('token_sha256', '=', hashSecret(token))
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { kind: 'install-token', connector: row.connector_id, token: row.id, tokenSha256: row.token_sha256 };
}
