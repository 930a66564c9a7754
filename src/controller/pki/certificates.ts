import { sql } from 'kysely';
import type { Certificate } from '../../core/model.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import { certificateKeyHash } from './public-key.ts';
import type { Revocation, SignedCertificate } from './signer-client.ts';

/** CertificateOwner is the endpoint that a certificate binds to. */
export type CertificateOwner = Certificate['endpoint'];

/**
 * How many certificates that were never used an endpoint keeps. Programs fetch a profile at every refresh (api.md 7) and must not
 * void what was handed out before; without a limit each refresh would leave an entry on every gateway for years. So the newest 32
 * stay good whether they are used or not, one that was used stays good whatever follows, and only older unused ones lapse.
 */
export const unusedCertificatesKept = 32;

/**
 * insertCertificate binds a signed certificate to its endpoint and lets the endpoint's surplus unused ones lapse. With `ofAgent` the
 * certificate itself is kept, since the agent's profile is made from it again and again; those never lapse but by expiry.
 */
export async function insertCertificate(
  change: Change,
  owner: CertificateOwner,
  signed: SignedCertificate,
  ofAgent = false,
): Promise<void> {
  await change.trx
    .insertInto('certificate')
    .values({
      serial: signed.serial,
      connector_id: owner.kind === 'connector' ? owner.id : null,
      device_id: owner.kind === 'device' ? owner.id : null,
      key_sha256: certificateKeyHash(signed.certificate),
      not_before: signed.notBefore,
      not_after: signed.notAfter,
      agent_certificate: ofAgent ? signed.certificate : null,
    })
    .execute();
  change.record({
    entity: 'certificate',
    entityId: signed.serial,
    action: 'issued',
    after: { [owner.kind]: owner.id, notAfter: signed.notAfter.toISOString() },
  });
  await dropSurplus(change, owner);
}

/**
 * Deleted rather than revoked: a gateway refuses a serial that it does not know, and the revocation list would grow with every refresh.
 */
async function dropSurplus(change: Change, owner: CertificateOwner): Promise<void> {
  const column = owner.kind === 'connector' ? 'connector_id' : 'device_id';
  await change.trx
    .deleteFrom('certificate')
    .where('serial', 'in', (query) =>
      query
        .selectFrom('certificate')
        .select('serial')
        .where(column, '=', owner.id)
        .where('first_used_at', 'is', null)
        .where('revoked_at', 'is', null)
        .where('agent_certificate', 'is', null)
        .orderBy('created_at', 'desc')
        .orderBy('serial')
        .offset(unusedCertificatesKept),
    )
    .execute();
}

/** listRevocations is what a revocation list must hold: revoked and not yet expired, oldest first. */
export async function listRevocations(reader: Reader): Promise<readonly Revocation[]> {
  const rows = await reader
    .selectFrom('certificate')
    .select(['serial', 'revoked_at'])
    .where('revoked_at', 'is not', null)
    .where('not_after', '>', sql<Date>`now()`)
    .orderBy('revoked_at')
    .orderBy('serial')
    .execute();
  return rows.flatMap(({ serial, revoked_at }) => (revoked_at === null ? [] : [{ serial, revokedAt: revoked_at }]));
}
