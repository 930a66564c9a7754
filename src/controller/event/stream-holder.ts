import type { FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { CausewayError } from '../../contract/errors.ts';
import { isAllowed, isPermission } from '../../contract/permission.ts';
import type { Permission } from '../../contract/permission.ts';
import { bearerToken } from '../http/authorisation.ts';
import { hashSecret } from '../http/secret-hash.ts';
import { administratorsUntil } from '../identity/web-sessions.ts';
import type { Reader } from '../store/database.ts';

/** What a stream of events demands, at its beginning and as long as it is open. */
export const streamPermission: Permission = 'event:read';

/** StreamHolder is the credential behind a stream, without its secret. */
export type StreamHolder = {
  readonly kind: keyof typeof standings;
  /** What the credential is found by; the same for all streams that one credential holds. */
  readonly key: string;
};

/** Until when each of these keys holds; null: without an end. What is absent does not hold any more. */
type Standing = ReadonlyMap<string, Date | null>;

/**
 * How each kind of credential is looked at while it holds streams: one query for all of a kind. A kind is added here and in holderOf. Whoever
 * ends a credential before its time appends an event about it: that wakes the streams of every controller, and they look here first.
 */
const standings = {
  'local-root': async (_reader: Reader, keys: readonly string[]): Promise<Standing> => new Map(keys.map((key) => [key, null])),
  'access-token': accessTokens,
  'web-session': administratorsUntil,
} as const;

/** holderOf says who holds the stream of a request that was let in. */
export function holderOf(request: FastifyRequest): StreamHolder {
  const { principal } = request.actor;
  switch (principal.kind) {
    case 'local-root':
      return { kind: 'local-root', key: '' };
    case 'api-credential':
      return { kind: 'access-token', key: hashSecret(bearerToken(request) ?? '').toString('hex') };
    case 'person':
      return { kind: 'web-session', key: principal.session };
    case 'anonymous':
    case 'gateway':
    case 'connector-agent':
    case 'install-token':
    case 'one-time-link':
    case 'device-user':
    case 'system':
      throw new CausewayError(
        'forbidden',
        'Events are streamed to people who administer, and to API credentials with the permission event:read.',
      );
  }
}

/** standingOf gives until when each of these still holds its streams; who is absent does not. One query for each kind that is there. */
export async function standingOf(
  reader: Reader,
  holders: Iterable<StreamHolder>,
): Promise<(holder: StreamHolder) => Date | null | undefined> {
  const found = new Map<StreamHolder['kind'], Standing>();
  for (const [kind, of] of Map.groupBy(holders, (holder) => holder.kind)) {
    found.set(kind, await standings[kind](reader, [...new Set(of.map(({ key }) => key))]));
  }
  return ({ kind, key }) => found.get(kind)?.get(key);
}

async function accessTokens(reader: Reader, keys: readonly string[]): Promise<Standing> {
  const rows = await reader
    .selectFrom('access_token')
    .innerJoin('api_credential', 'api_credential.id', 'access_token.api_credential_id')
    .select([
      sql<string>`encode(access_token.token_sha256, 'hex')`.as('key'),
      'api_credential.permissions',
      sql<Date>`least(access_token.expires_at, api_credential.expires_at)`.as('until'),
    ])
    .where(sql<boolean>`access_token.token_sha256 = any(select decode(key, 'hex') from unnest(${[...keys]}::text[]) key)`)
    .where(sql<boolean>`least(access_token.expires_at, api_credential.expires_at) > now()`)
    .execute();
  return new Map(
    rows
      .filter(({ permissions: held }) => isAllowed(held.filter(isPermission), streamPermission))
      .map(({ key, until }) => [key, until]),
  );
}
