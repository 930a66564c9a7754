import { conflict } from '../../contract/errors.ts';
import type { RegionId } from '../../core/ids.ts';
import type { GatewayAddress } from '../../core/profile-remotes.ts';
import type { InstallationInfo } from '../deps.ts';
import type { Reader } from '../store/database.ts';

/**
 * servingGateway finds where endpoints of a region connect to: the region's own gateway, else the default region's, else the first one
 * (the same choice as store/load-model.ts, regionsServed). Without `region` it is the default region's. Throws conflict if there is
 * no gateway at all, because a profile could not name any place.
 */
export async function servingGateway(
  reader: Reader,
  installation: Pick<InstallationInfo, 'hostname'>,
  region?: RegionId,
): Promise<GatewayAddress> {
  const { default_region: defaultRegion } = await reader.selectFrom('wpc').select('default_region').executeTakeFirstOrThrow();
  const gateways = await reader
    .selectFrom('gateway')
    .select(['region', 'hostname', 'vpn_port', 'user_lanes'])
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const of = (wanted: RegionId | undefined) => gateways.find((gateway) => gateway.region === wanted);
  const gateway = of(region) ?? of(defaultRegion) ?? gateways[0];
  if (gateway === undefined) {
    throw conflict(
      'gateway',
      'There is no gateway, so a profile has no place to connect to; start one, then ask for the profile again.',
    );
  }
  return { host: gateway.hostname ?? installation.hostname, vpnPort: gateway.vpn_port, userLanes: gateway.user_lanes };
}
