import type { OwnReach } from '../../contract/api/own-device.ts';
import type { UserId } from '../../core/ids.ts';
import type { ModelTrx } from '../store/database.ts';
import { readConnectors, readHosts, readNetworks } from '../store/read-sites.ts';
import type { InternetAccess } from '../store/schema.ts';

/**
 * readOwnReach says what the gateway lets a person's devices through to, by names and prefixes. The policy is FULL_MESH, the only topology
 * there is (settings/wpc-settings.ts): compile gives every endpoint every prefix and every other endpoint. When access groups come, this
 * has to ask them.
 */
export async function readOwnReach(trx: ModelTrx, user: UserId): Promise<OwnReach> {
  const networks = await readNetworks(trx);
  const hosts = await readHosts(trx);
  const connectors = await readConnectors(trx);
  const { internet_access } = await trx
    .selectFrom('app_user')
    .innerJoin('user_group', 'user_group.id', 'app_user.group_id')
    .select('user_group.internet_access')
    .where('app_user.id', '=', user)
    .executeTakeFirstOrThrow();
  const addresses = Map.groupBy(connectors, ({ site }) => site.id);
  return {
    networks: networks.map(({ name, prefixes }) => ({ name, prefixes: [...prefixes] })),
    hosts: hosts.map(({ id, name }) => ({ name, addresses: (addresses.get(id) ?? []).map(({ address }) => address) })),
    reachesDevices: true,
    internet: internetWords[internet_access],
  };
}

const internetWords = {
  SPLIT_TUNNEL_ON: 'local',
  SPLIT_TUNNEL_OFF: 'internet-gateways',
  RESTRICTED_INTERNET: 'blocked',
} as const satisfies Record<InternetAccess, OwnReach['internet']>;
