import type { GatewayHello, GatewayWelcome } from '../../contract/gateway.ts';
import { notFound } from '../../contract/errors.ts';
import type { GatewayId } from '../../core/ids.ts';
import { maximumUserLanes } from '../../core/lanes.ts';
import type { ControllerDeps } from '../deps.ts';
import { tlsCryptV2ServerKey } from '../pki/endpoint-profile.ts';
import { serverKeyPem } from '../pki/tls-crypt-v2.ts';
import type { Actor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { Store } from '../store/store.ts';

/**
 * Lanes read their certificate when they start and run for long, so it lasts for years; the agent fetches a new one well before.
 */
const gatewayCertificateSeconds = 825 * 86_400;

/**
 * welcomeGateway answers a gateway's hello: a certificate for its key, and what its lanes need to answer clients. Says nothing new to
 * a gateway that was here before, apart from a new certificate. The number of user lanes follows from the cores of the first hello and
 * stays: profiles name their ports.
 */
export async function welcomeGateway(
  deps: Pick<ControllerDeps, 'store' | 'signer' | 'secrets'>,
  actor: Actor,
  id: GatewayId,
  hello: GatewayHello,
): Promise<GatewayWelcome> {
  const { certificate } = await deps.signer.sign({
    kind: 'gateway',
    certificateRequest: hello.certificateRequest,
    lifetimeSeconds: gatewayCertificateSeconds,
  });
  const ca = await deps.signer.authority();
  const serverKey = await tlsCryptV2ServerKey(deps);
  await describeGateway(deps.store, actor, id, hello);
  return { gatewayId: id, certificate, ca, tlsCryptV2ServerKey: serverKeyPem(serverKey) };
}

async function describeGateway(store: Store, actor: Actor, id: GatewayId, hello: GatewayHello): Promise<void> {
  const { cores, openvpnVersion, agentVersion } = hello;
  const row = await store.database.selectFrom('gateway').select('cores').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('gateway', id);
  if (row.cores === null) await chooseUserLanes(store, actor, id, Math.min(cores, maximumUserLanes));
  await store.database
    .updateTable('gateway')
    .set({ cores, openvpn_version: openvpnVersion, agent_version: agentVersion })
    .where('id', '=', id)
    .execute();
}

async function chooseUserLanes(store: Store, actor: Actor, id: GatewayId, userLanes: number): Promise<void> {
  await inModelTransaction(store, actor, async (change) => {
    // Again inside: of two hellos at the same time one chooses.
    const updated = await change.trx
      .updateTable('gateway')
      .set({ user_lanes: userLanes })
      .where('id', '=', id)
      .where('cores', 'is', null)
      .where('user_lanes', '!=', userLanes)
      .returning('id')
      .executeTakeFirst();
    if (updated === undefined) return;
    change.record({ entity: 'gateway', entityId: id, action: 'updated', after: { userLanes } });
  });
}
