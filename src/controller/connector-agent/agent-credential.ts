import { sql } from 'kysely';
import type { ConnectorId } from '../../core/ids.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import type { Principal } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import type { Store } from '../store/store.ts';

/**
 * The agent makes a new one after 30 days (agent/renewal.sh), so it comes back by itself from at least 150 days away; later it has to be
 * installed again. Its certificate may have ended long before: with the credential it gets a new one for the key with which it enrolled.
 */
const credentialLife = '180 days';

/** Unused ones are left by enrolments and rotations whose answer was lost; more than these few are never wanted. */
const unusedKept = 4;

/** insertAgentCredential makes one; those before stay valid until it is first used. Gives the secret, which is kept nowhere. */
export async function insertAgentCredential(reader: Reader, id: ConnectorId): Promise<string> {
  const secret = newSecret();
  await reader
    .insertInto('agent_credential')
    .values({ connector_id: id, secret_sha256: hashSecret(secret), expires_at: sql`now() + ${credentialLife}::interval` })
    .execute();
  await reader
    .deleteFrom('agent_credential')
    .where('id', 'in', (query) =>
      query
        .selectFrom('agent_credential')
        .select('id')
        .where('connector_id', '=', id)
        .where('first_used_at', 'is', null)
        .orderBy('created_at', 'desc')
        .offset(unusedKept),
    )
    .execute();
  return secret;
}

/** noteFirstUse ends the credentials that this one replaces. Of two first requests at once, one does it. */
export async function noteFirstUse(store: Store, principal: Extract<Principal, { kind: 'connector-agent' }>): Promise<void> {
  const first = await store.database
    .updateTable('agent_credential')
    .set({ first_used_at: sql`now()` })
    .where('id', '=', principal.credential)
    .where('first_used_at', 'is', null)
    .returning('created_at')
    .executeTakeFirst();
  if (first === undefined) return;
  await store.database
    .deleteFrom('agent_credential')
    .where('connector_id', '=', principal.connector)
    .where('id', '<>', principal.credential)
    .where('created_at', '<=', first.created_at)
    .execute();
}
