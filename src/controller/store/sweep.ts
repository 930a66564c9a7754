import { sql } from 'kysely';
import { systemActor } from '../principal.ts';
import { inModelTransaction } from './model-transaction.ts';
import type { Store } from './store.ts';

/** How long things are kept after they have ended: sessions as long as the API shows them (api.md 4), the rest for looking back. */
const kept = {
  sessions: '30 days',
  events: '30 days',
  audit: '400 days',
  tokens: '1 day',
  mails: '30 days',
  invitations: '30 days',
  allowances: '2 days',
  certificates: '7 days',
  trafficSamples: '70 minutes',
} as const;

/** sweep deletes what has expired. Safe to run at any time and by several controllers at once. */
export async function sweep(store: Store): Promise<void> {
  const { database } = store;
  const before = (age: string) => sql<Date>`now() - ${age}::interval`;
  await database.deleteFrom('access_token').where('expires_at', '<', before(kept.tokens)).execute();
  await database.deleteFrom('install_token').where('expires_at', '<', before(kept.tokens)).execute();
  await database.deleteFrom('agent_credential').where('expires_at', '<', before(kept.tokens)).execute();
  await database.deleteFrom('connect_attempt').where('expires_at', '<', before(kept.tokens)).execute();
  await database.deleteFrom('encrypted_profile').where('expires_at', '<', before(kept.tokens)).execute();
  await database.deleteFrom('web_session').where('expires_at', '<', before(kept.tokens)).execute();
  await database.deleteFrom('passkey_challenge').where('expires_at', '<', before(kept.tokens)).execute();
  await database.deleteFrom('one_time_link').where('expires_at', '<', before(kept.tokens)).execute();
  await database.deleteFrom('browser').where('expires_at', '<', before(kept.tokens)).execute();
  await database.deleteFrom('sign_in_allowance').where('at', '<', before(kept.allowances)).execute();
  await database.deleteFrom('mail').where('settled_at', '<', before(kept.mails)).execute();
  await database.deleteFrom('invitation').where('expires_at', '<', before(kept.invitations)).execute();
  await database.deleteFrom('profile_link').where('expires_at', '<', before(kept.tokens)).execute();
  await database.deleteFrom('session').where('ended_at', '<', before(kept.sessions)).execute();
  await database.deleteFrom('traffic_sample').where('at', '<', before(kept.trafficSamples)).execute();
  await database.deleteFrom('event').where('at', '<', before(kept.events)).execute();
  await database.deleteFrom('audit').where('at', '<', before(kept.audit)).execute();
  await sweepCertificates(store);
}

/** Certificates are in the model, so taking them out is a change of it; openvpn has refused them since they expired. */
async function sweepCertificates(store: Store): Promise<void> {
  await inModelTransaction(store, systemActor, async (change) => {
    const { numDeletedRows } = await change.trx
      .deleteFrom('certificate')
      .where('not_after', '<', sql<Date>`now() - ${kept.certificates}::interval`)
      .executeTakeFirstOrThrow();
    if (numDeletedRows > 0n) {
      change.record({ entity: 'certificate', entityId: 'expired', action: 'swept', before: { count: Number(numDeletedRows) } });
    }
  });
}
