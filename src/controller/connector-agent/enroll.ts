import { sql } from 'kysely';
import type { EnrollAnswer } from '../../contract/connector-agent.ts';
import type { CausewayError } from '../../contract/errors.ts';
import { conflict } from '../../contract/errors.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { sourceNetwork } from '../http/source-network.ts';
import type { News } from '../news.ts';
import { keepAgentCertificate, signAgentCertificate } from '../pki/agent-profile.ts';
import { publicKeyPin, requestKeyHash } from '../pki/public-key.ts';
import type { Actor, Principal } from '../principal.ts';
import { appendEvents, inModelTransaction } from '../store/model-transaction.ts';
import type { Change } from '../store/model-transaction.ts';
import { insertAgentCredential } from './agent-credential.ts';

/** `isNews` keeps a machine that tries again and again from filling the event list. */
type EnrollDeps = Pick<ControllerDeps, 'store' | 'signer' | 'installation'> & { readonly isNews: News };
type InstallToken = Extract<Principal, { kind: 'install-token' }>;

/**
 * enroll binds the token to the first key that uses it, and gives that key a certificate and a credential. The same key may repeat it as
 * long as the token lives (an installation that failed half-way), another key is refused and an event is raised: somebody else has the
 * token. Everything is kept in one transaction; a failure leaves the token as it was. Another key that was enrolled before by an
 * earlier token loses its certificates: a connector is one machine.
 */
export async function enroll(
  deps: EnrollDeps,
  actor: Actor,
  token: InstallToken,
  input: { readonly certificateRequest: string; readonly held: string | undefined },
): Promise<EnrollAnswer> {
  if (input.held !== undefined && input.held !== token.connector) {
    await refused(deps, actor, token.connector, 'the machine is another connector');
    throw conflict(
      'held',
      `This machine already is connector ${input.held}, and the token is for connector ${token.connector}. Remove the first one with "causeway-connector uninstall", or use the token on its own machine.`,
    );
  }
  const keySha256 = requestKeyHash(input.certificateRequest);
  await refuseOtherKey(deps, actor, token, keySha256);
  const signed = await signAgentCertificate(deps, token.connector, input.certificateRequest);
  const credential = await inModelTransaction(deps.store, actor, async (change) => {
    if (!(await claimToken(change, token, keySha256))) return undefined;
    await revokeOtherKeys(change, token.connector, keySha256);
    await keepAgentCertificate(change, token.connector, signed);
    change.record({ entity: 'connector', entityId: token.connector, action: 'enrolled', after: { serial: signed.serial } });
    return insertAgentCredential(change.trx, token.connector);
  });
  // Somebody else's key came in between.
  if (credential === undefined) throw await otherKey(deps, actor, token.connector);
  const caPin = deps.installation.portalPin === undefined ? undefined : publicKeyPin(await deps.signer.authority());
  return { connector: token.connector, credential, caPin };
}

async function claimToken(change: Change, token: InstallToken, keySha256: Buffer): Promise<boolean> {
  const { numUpdatedRows } = await change.trx
    .updateTable('install_token')
    .set({ used_at: sql`coalesce(used_at, now())`, used_by_key_sha256: keySha256 })
    .where('id', '=', token.token)
    .where((where) => where.or([where('used_by_key_sha256', 'is', null), where('used_by_key_sha256', '=', keySha256)]))
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Before anything is signed: a token that leaked must not make the signer work. */
async function refuseOtherKey(deps: EnrollDeps, actor: Actor, token: InstallToken, keySha256: Buffer): Promise<void> {
  const row = await deps.store.database
    .selectFrom('install_token')
    .select('used_by_key_sha256')
    .where('id', '=', token.token)
    .executeTakeFirst();
  const usedBy = row?.used_by_key_sha256 ?? null;
  if (usedBy !== null && !usedBy.equals(keySha256)) throw await otherKey(deps, actor, token.connector);
}

async function otherKey(deps: EnrollDeps, actor: Actor, connector: ConnectorId): Promise<CausewayError> {
  await refused(deps, actor, connector, 'the token was used by another key');
  return conflict(
    'token',
    'This install token was used by another machine. If that was not you, delete the connector; for this machine make a new token in the portal.',
  );
}

async function refused(deps: EnrollDeps, actor: Actor, connector: ConnectorId, reason: string): Promise<void> {
  if (!deps.isNews(`${connector} ${reason} ${sourceNetwork(actor.sourceAddress ?? '')}`, performance.now())) return;
  await appendEvents(deps.store, [
    {
      topic: 'connector.enrolment-refused',
      entity: 'connector',
      entityId: connector,
      payload: { reason, sourceAddress: actor.sourceAddress },
    },
  ]);
}

async function revokeOtherKeys(change: Change, id: ConnectorId, keySha256: Buffer): Promise<void> {
  const rows = await change.trx
    .updateTable('certificate')
    .set({ revoked_at: change.now })
    .where('connector_id', '=', id)
    .where('agent_certificate', 'is not', null)
    .where('revoked_at', 'is', null)
    .where('key_sha256', '<>', keySha256)
    .returning('serial')
    .execute();
  for (const { serial } of rows) {
    change.record({
      entity: 'certificate',
      entityId: serial,
      action: 'revoked',
      after: { connector: id, reason: 'another machine enrolled' },
    });
  }
}
