import type { RegionId } from './ids.ts';

/** A region has one gateway at most. */
type WithRegion = { readonly region: RegionId };

/**
 * servingGateway chooses where the endpoints of a region connect (design.md 7): at its own gateway, else at the default region's, else at the
 * first; undefined where there is none at all. `gateways` are in the order of their age.
 */
export function servingGateway<Gateway extends WithRegion>(
  gateways: readonly Gateway[],
  region: RegionId,
  defaultRegion: RegionId,
): Gateway | undefined {
  const of = (wanted: RegionId) => gateways.find((gateway) => gateway.region === wanted);
  return of(region) ?? of(defaultRegion) ?? gateways[0];
}

/** regionsServed gives for each gateway the regions of the catalogue that it serves; one that the catalogue has no more serves its own. */
export function regionsServed<Gateway extends WithRegion>(
  gateways: readonly Gateway[],
  catalogue: readonly RegionId[],
  defaultRegion: RegionId,
): ReadonlyMap<Gateway, readonly RegionId[]> {
  const without = catalogue.filter((region) => !gateways.some((gateway) => gateway.region === region));
  const byGateway = Map.groupBy(without, (region) => servingGateway(gateways, region, defaultRegion));
  return new Map(gateways.map((gateway) => [gateway, [gateway.region, ...(byGateway.get(gateway) ?? [])]]));
}
