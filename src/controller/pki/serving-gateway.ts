import { conflict } from '../../contract/errors.ts';
import type { RegionId } from '../../core/ids.ts';
import type { GatewayAddress } from '../../core/profile-remotes.ts';
import { servingGateway } from '../../core/serving-gateway.ts';
import type { InstallationInfo } from '../deps.ts';
import type { Reader } from '../store/database.ts';

export type ServingGateway = GatewayAddress & { readonly connectorLanes: number };

/**
 * readServingGateway finds where endpoints of a region connect to: core/serving-gateway.ts chooses it. `region` undefined: the default
 * region. Throws conflict if there is no gateway at all, because a profile could not name any place.
 */
export async function readServingGateway(
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
  const [first] = gateways;
  const gateway = first && servingGateway(gateways, region ?? first.default_region, first.default_region);
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
