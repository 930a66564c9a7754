import { conflict, notSupported } from '../../contract/errors.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { CloudState } from '../../core/trace/cloud/cloud-state.ts';
import type { Database } from '../store/database.ts';
import type { CloudReaders } from './cloud-reader.ts';
import { readCloud } from './cloud-states.ts';
import { siteOf } from './network-cloud.ts';

/**
 * askCloud asks the cloud of a network by its API. Throws not-supported for a cloud that this controller cannot ask, conflict where too little
 * is known of the network to find it there, and what the reader throws.
 */
export async function askCloud(database: Database, readers: CloudReaders, network: NetworkId): Promise<CloudState> {
  const { routes, router, cloud: standsIn } = await siteOf(database, network);
  const cloud = standsIn ?? (await readCloud(database, network))?.cloud ?? null;
  const reader = cloud === null ? undefined : readers[cloud];
  if (reader === undefined) {
    const why =
      cloud === null
        ? 'is not known: name the cloud as the router of this network'
        : 'cannot be asked by the controller: read it by hand (causeway cloud commands)';
    throw notSupported('cloud', cloud ?? undefined, why, Object.keys(readers).join(', '));
  }
  const connector = routes.connectors.find(({ lan }) => lan !== null)?.lan?.address;
  if (connector === undefined) {
    const message = `No connector of network ${routes.name} has reported its LAN address yet, by which it is found in the cloud. Install or start its agent.`;
    throw conflict('connector', message);
  }
  const named = router?.platform === cloud ? router.parameters : {};
  return await reader.read({ connector, card: named['networkInterface'] ?? null, region: named['region'] ?? null });
}
