import { sql } from 'kysely';
import type { NetworkId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import type { RouteChange } from '../../core/site-routes/diff-site-routes.ts';
import { diffSiteRoutes } from '../../core/site-routes/diff-site-routes.ts';
import type { PlannedNetwork, SitePlanInput } from '../../core/site-routes/site-plan.ts';
import { sitePlan } from '../../core/site-routes/site-plan.ts';
import type { ModelTrx, Reader } from './database.ts';

/** So many prefixes of each kind are in an event; a network with 1,000 prefixes that goes would else write them a thousand times. */
const listedPrefixes = 50;

/** readSitePlanInput reads what the static routes of all LANs depend on, with two queries. */
export async function readSitePlanInput(reader: Reader): Promise<SitePlanInput> {
  const networks = await reader
    .selectFrom('network')
    .leftJoin('network_route', 'network_route.network_id', 'network.id')
    .select(['network.id', 'network.nat', 'network.internet_access as internet'])
    .select(
      sql<
        PrefixText[]
      >`coalesce(array_agg(network_route.prefix order by network_route.prefix) filter (where network_route.prefix is not null), '{}')`.as(
        'prefixes',
      ),
    )
    .groupBy('network.id')
    .orderBy('network.number')
    .execute();
  const wpc = await reader
    .selectFrom('wpc')
    .select('tunnel_ranges')
    .select(
      sql<AddressText[]>`array(select distinct unnest(gateway.public_addresses) from gateway order by 1)`.as('gateway_addresses'),
    )
    .executeTakeFirstOrThrow();
  const planned: PlannedNetwork[] = networks;
  return { tunnelRanges: wpc.tunnel_ranges, networks: planned, gatewayAddresses: wpc.gateway_addresses };
}

/** StaticRouteEvent is `network.static-routes-changed`: what somebody has to do at one LAN's router. Lists are cut, the counts are not. */
export type StaticRouteEvent = {
  readonly topic: string;
  readonly entity: string;
  readonly entityId: NetworkId;
  readonly payload: Readonly<Record<string, unknown>>;
};

/**
 * staticRouteEvents says which LANs need other routes than before the transaction changed the model: every existing site when one comes or
 * goes (SS-30). Two queries more, and nothing is computed where neither networks nor ranges changed.
 */
export async function staticRouteEvents(trx: ModelTrx, before: SitePlanInput): Promise<readonly StaticRouteEvent[]> {
  const after = await readSitePlanInput(trx);
  if (JSON.stringify(after) === JSON.stringify(before)) return [];
  return diffSiteRoutes(sitePlan(before), sitePlan(after)).map(toEvent);
}

function toEvent({ network, added, removed }: RouteChange): StaticRouteEvent {
  return {
    topic: 'network.static-routes-changed',
    entity: 'network',
    entityId: network,
    payload: {
      added: added.slice(0, listedPrefixes),
      removed: removed.slice(0, listedPrefixes),
      addedTotal: added.length,
      removedTotal: removed.length,
    },
  };
}
