import type { OwnRegion } from '../../contract/api/own-device.ts';
import type { RegionId, UserId } from '../../core/ids.ts';
import { servingGateway } from '../../core/serving-gateway.ts';
import type { InstallationInfo } from '../deps.ts';
import { portalUrl } from '../portal-url.ts';
import { listRegions } from '../region/regions.ts';
import type { Reader } from '../store/database.ts';

/**
 * readOwnRegions gives the places between which a person can choose. Many regions of the catalogue may have one gateway, and choosing between
 * those would be no choice: each gateway that the person's group may use stands there once, under its own region where the group has it,
 * else under the group's first region that it serves. The default comes first.
 */
export async function readOwnRegions(
  reader: Reader,
  installation: Pick<InstallationInfo, 'hostname' | 'listenPort'>,
  user: UserId,
): Promise<OwnRegion[]> {
  const group = await reader
    .selectFrom('app_user')
    .innerJoin('user_group', 'user_group.id', 'app_user.group_id')
    .innerJoin('wpc', (join) => join.onTrue())
    .select(['user_group.regions', 'user_group.all_regions_included', 'wpc.default_region'])
    .where('app_user.id', '=', user)
    .executeTakeFirstOrThrow();
  const catalogue = await listRegions(reader);
  const gateways = await reader
    .selectFrom('gateway')
    .select(['region', 'hostname'])
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const allowed = group.all_regions_included ? catalogue.map(({ id }) => id) : group.regions;
  // What a profile leads to that names no region (device-region.ts).
  const usual = group.all_regions_included ? group.default_region : allowed[0];

  const choices = new Map<RegionId, RegionId>();
  for (const region of usual === undefined ? allowed : [usual, ...allowed]) {
    const gateway = servingGateway(gateways, region, group.default_region);
    if (gateway === undefined) continue;
    const isOwn = gateway.region === region;
    if (isOwn || !choices.has(gateway.region)) choices.set(gateway.region, region);
  }
  const usualGateway = usual && servingGateway(gateways, usual, group.default_region)?.region;
  return [...choices].flatMap(([servedBy, id]) => {
    const region = catalogue.find((each) => each.id === id);
    const gateway = gateways.find((each) => each.region === servedBy);
    if (region === undefined || gateway === undefined) return [];
    return {
      id,
      name: region.name,
      country: region.country,
      countryIso: region.country_iso,
      servedBy,
      isDefault: servedBy === usualGateway,
      latencyUrl: latencyUrl(installation, gateway.hostname),
    };
  });
}

/** The controller answers HTTPS, and stands on the machine of the gateway that has its name; other gateways answer none. */
function latencyUrl(installation: Pick<InstallationInfo, 'hostname' | 'listenPort'>, gatewayHost: string | null): string | null {
  if (gatewayHost !== null && gatewayHost !== installation.hostname) return null;
  return `${portalUrl(installation)}/api/causeway/v1/healthz`;
}
