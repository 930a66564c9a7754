import { conflict } from '../../contract/errors.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { keepAgentCertificate, signAgentCertificate } from '../pki/agent-profile.ts';
import { requestKeyHash } from '../pki/public-key.ts';
import type { Actor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';

/**
 * renewAgentCertificate gives a certificate for the key with which the connector enrolled, and for no other: a credential that was copied
 * does not suffice to bring another machine into the tunnel. PEM; the same one again while it is fresh.
 */
export async function renewAgentCertificate(
  deps: Pick<ControllerDeps, 'store' | 'signer'>,
  actor: Actor,
  id: ConnectorId,
  certificateRequest: string,
): Promise<string> {
  const keySha256 = requestKeyHash(certificateRequest);
  const enrolled = await deps.store.database
    .selectFrom('certificate')
    .select('serial')
    .where('connector_id', '=', id)
    .where('agent_certificate', 'is not', null)
    .where('revoked_at', 'is', null)
    .where('key_sha256', '=', keySha256)
    .executeTakeFirst();
  if (enrolled === undefined) {
    throw conflict(
      'certificateRequest',
      'This key is not the one that enrolled this connector. Install it again with a new token.',
    );
  }
  const signed = await signAgentCertificate(deps, id, certificateRequest);
  await inModelTransaction(deps.store, actor, async (change) => keepAgentCertificate(change, id, signed));
  return signed.certificate;
}
