import { conflict } from '../../contract/errors.ts';
import type { RegionId } from '../../core/ids.ts';
import type { GatewayAddress } from '../../core/profile-remotes.ts';
import type { InstallationInfo } from '../deps.ts';
import type { Reader } from '../store/database.ts';

export type ServingGateway = GatewayAddress & { readonly connectorLanes: number };

/**
 * servingGateway finds where endpoints of a region connect to: the region's own gateway, else the default region's, else the first one
 * (the same choice as store/load-model.ts, regionsServed). `region` undefined: the default region. Throws conflict if there is
 * no gateway at all, because a profile could not name any place.
 */
export async function servingGateway(
  reader: Reader,
  installation: Pick<InstallationInfo, 'hostname'>,
  region: RegionId | undefined,
): Promise<ServingGateway> {
  const gateways = await reader
    .selectFrom('gateway')
    .innerJoin('wpc', (join) => join.onTrue())
    .select([
      'gateway.region',
      'gateway.hostname',
      'gateway.vpn_port',
      'gateway.user_lanes',
      'gateway.connector_lanes',
      'wpc.default_region',
    ])
    .orderBy('gateway.created_at')
    .orderBy('gateway.id')
    .execute();
  const gateway =
    gateways.find((each) => each.region === region) ??
    gateways.find((each) => each.region === each.default_region) ??
    gateways[0];
  if (gateway === undefined) {
    throw conflict(
      'gateway',
      'There is no gateway, so a profile has no place to connect to; start one, then ask for the profile again.',
    );
  }
  return {
    host: gateway.hostname ?? installation.hostname,
    vpnPort: gateway.vpn_port,
    userLanes: gateway.user_lanes,
    connectorLanes: gateway.connector_lanes,
  };
}
