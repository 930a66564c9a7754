import { sql } from 'kysely';
import type { NetworkId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { RouteChange } from '../../core/site-routes/diff-site-routes.ts';
import { diffSiteRoutes } from '../../core/site-routes/diff-site-routes.ts';
import type { SitePlanInput } from '../../core/site-routes/site-plan.ts';
import { sitePlan } from '../../core/site-routes/site-plan.ts';
import { planInput } from '../../core/site-routes/site-routes.ts';
import type { ModelTrx, Reader } from './database.ts';
import { readNetworks } from './read-sites.ts';
import type { Store } from './store.ts';

/** So many prefixes of each kind are in an event; a network with 1,000 prefixes that goes would else write them a thousand times. */
const listedPrefixes = 50;

/** readSitePlanInput reads what the static routes of all LANs depend on, with two queries. */
async function readSitePlanInput(reader: Reader): Promise<SitePlanInput> {
  const networks = await readNetworks(reader);
  const wpc = await reader
    .selectFrom('wpc')
    .select('tunnel_ranges')
    .select(
      sql<AddressText[]>`array(select distinct unnest(gateway.public_addresses) from gateway order by 1)`.as('gateway_addresses'),
    )
    .executeTakeFirstOrThrow();
  return planInput({ tunnelRanges: wpc.tunnel_ranges, networks, gatewayAddresses: wpc.gateway_addresses });
}

/** StaticRouteEvent is `network.static-routes-changed`: what somebody has to do at one LAN's router. Lists are cut, the counts are not. */
export type StaticRouteEvent = {
  readonly topic: string;
  readonly entity: string;
  readonly entityId: NetworkId;
  readonly payload: Readonly<Record<string, unknown>>;
};

/** What the latest change left behind, so that the next one need not read it: a revision never changes what it says. */
const latest = new WeakMap<Store, { readonly revision: number; readonly input: SitePlanInput }>();

/** sitePlanInputAt is readSitePlanInput for a transaction that holds the lock on wpc at this revision and has not written yet. */
export async function sitePlanInputAt(store: Store, trx: ModelTrx, revision: number): Promise<SitePlanInput> {
  const known = latest.get(store);
  return known?.revision === revision ? known.input : await readSitePlanInput(trx);
}

/** StaticRouteNews is what a change did; `keep` is called once it is committed. */
export type StaticRouteNews = { readonly events: readonly StaticRouteEvent[]; readonly keep: () => void };

/**
 * staticRouteNews says which LANs need other routes than before the transaction changed the model to `revision`: every existing site when
 * one comes or goes (SS-30). Two queries, and nothing is computed where neither networks nor ranges changed.
 */
export async function staticRouteNews(
  store: Store,
  trx: ModelTrx,
  before: SitePlanInput,
  revision: number,
): Promise<StaticRouteNews> {
  const after = await readSitePlanInput(trx);
  const same = JSON.stringify(after) === JSON.stringify(before);
  return {
    events: same ? [] : diffSiteRoutes(sitePlan(before), sitePlan(after)).map(toEvent),
    keep: () => void latest.set(store, { revision, input: after }),
  };
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
