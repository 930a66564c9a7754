import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import { notFound } from '../../contract/errors.ts';
import type { ConnectorId } from '../../core/ids.ts';
import { renderProfile } from '../../core/profile.ts';
import type { ControllerDeps } from '../deps.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import { insertCertificate } from './certificates.ts';
import type { ProfileDeps } from './endpoint-profile.ts';
import { connectorPlace, tlsCryptV2ServerKey } from './endpoint-profile.ts';
import { requestKeyHash } from './public-key.ts';
import type { SignedCertificate } from './signer-client.ts';
import { clientKeyPem } from './tls-crypt-v2.ts';

/** The agent renews it by itself, so it may be short: an agent that is gone for good has no key that is worth anything for long. */
const agentCertificateSeconds = 90 * 86_400;

/**
 * Connectors that were installed by one script would renew in the same minute for ever after, each with a hand-over: so each life is a little shorter,
 * and a thousand of them are spread over six days (two thirds of this).
 */
const spreadSeconds = 9 * 86_400;

/** An agent that asks gets a new certificate when the one of its key has less than this left; it may ask as early as it likes. */
const renewBeforeSeconds = 60 * 86_400;

/**
 * signAgentCertificate gives what keepAgentCertificate stores, in two steps because the signer must not be waited for inside a
 * model transaction. The same key gets the certificate that it already has while that is fresh, so that a repeated enrolment changes
 * nothing. Throws invalid-input for a request that the signer refuses.
 */
export async function signAgentCertificate(
  deps: Pick<ControllerDeps, 'store' | 'signer'>,
  id: ConnectorId,
  certificateRequestPem: string,
): Promise<SignedCertificate> {
  const known = await freshCertificate(deps.store.database, id, requestKeyHash(certificateRequestPem));
  if (known !== undefined) return known;
  return deps.signer.sign({
    kind: 'connector',
    certificateRequest: certificateRequestPem,
    lifetimeSeconds: agentCertificateSeconds - randomInt(spreadSeconds),
  });
}

/** keepAgentCertificate binds it to the connector; again for one that is kept already, nothing happens. */
export async function keepAgentCertificate(change: Change, id: ConnectorId, signed: SignedCertificate): Promise<void> {
  const existing = await change.trx
    .selectFrom('certificate')
    .select('serial')
    .where('serial', '=', signed.serial)
    .executeTakeFirst();
  if (existing === undefined) await insertCertificate(change, { kind: 'connector', id }, signed, true);
}

/**
 * agentProfile renders the profile without `<key>` for the connector's newest agent certificate. It comes out the same until the
 * certificate, the CA or the place to connect to changes. Throws not-found for a connector that does not
 * exist or has no agent certificate.
 */
export async function agentProfile(deps: ProfileDeps, reader: Reader, id: ConnectorId): Promise<string> {
  const place = await connectorPlace(deps, reader, id);
  const row = await reader
    .selectFrom('certificate')
    .select(['serial', 'agent_certificate', 'not_before'])
    .where('connector_id', '=', id)
    .where('agent_certificate', 'is not', null)
    .where('revoked_at', 'is', null)
    .where('not_after', '>', sql<Date>`now()`)
    // One that was made while a clock was ahead is of no use until then.
    .where('not_before', '<=', sql<Date>`now()`)
    .orderBy('not_after', 'desc')
    .orderBy('serial')
    .executeTakeFirst();
  if (row === undefined || row.agent_certificate === null) throw notFound('agent certificate of connector', id);
  return renderProfile({
    ...place,
    ca: await deps.signer.authority(),
    certificate: row.agent_certificate,
    tlsCryptV2: clientKeyPem(await tlsCryptV2ServerKey(deps), row.serial, row.not_before),
  });
}

async function freshCertificate(reader: Reader, id: ConnectorId, keyHash: Buffer): Promise<SignedCertificate | undefined> {
  const row = await reader
    .selectFrom('certificate')
    .select(['serial', 'agent_certificate', 'not_before', 'not_after'])
    .where('connector_id', '=', id)
    .where('key_sha256', '=', keyHash)
    .where('agent_certificate', 'is not', null)
    .where('revoked_at', 'is', null)
    .where('not_after', '>', sql<Date>`now() + make_interval(secs => ${renewBeforeSeconds})`)
    .where('not_before', '<=', sql<Date>`now()`)
    .orderBy('not_after', 'desc')
    .executeTakeFirst();
  if (row === undefined || row.agent_certificate === null) return undefined;
  return { certificate: row.agent_certificate, serial: row.serial, notBefore: row.not_before, notAfter: row.not_after };
}
