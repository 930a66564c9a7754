import type { RawBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import type { HostListQuery, hostSorts } from '../../contract/api/host.ts';
import type { NetworkListQuery, networkSorts } from '../../contract/api/network.ts';
import type { Orders } from './list-terms.ts';
import { all, hasId, matching, natural } from './list-terms.ts';
import { hasLiveSession } from './live-session.ts';

const live = hasLiveSession('connector');

const networkConnectors = sql<number>`(select count(*) from connector where connector.network_id = network.id)`;
const networkOnline = sql<number>`(select count(*) from connector where connector.network_id = network.id and ${live})`;
const connectorNames = sql<string>`coalesce((select string_agg(connector.name, ', ' order by connector.number)
  from connector where connector.network_id = network.id), '')`;
const prefixes = sql<string>`coalesce((select string_agg(prefix::text, ' ' order by network_route.number)
  from network_route where network_route.network_id = network.id), '')`;

/** networkOrders is by what networks are sorted. */
export const networkOrders: Orders<(typeof networkSorts)[number]> = {
  name: natural(sql`network.name`),
  prefixes: natural(prefixes),
  state: networkOnline,
  connectors: natural(connectorNames),
};

const standings = {
  online: sql<SqlBool>`(${networkOnline} > 0 and ${networkOnline} = ${networkConnectors})`,
  partly: sql<SqlBool>`(${networkOnline} > 0 and ${networkOnline} < ${networkConnectors})`,
  offline: sql<SqlBool>`(${networkOnline} = 0 and ${networkConnectors} > 0)`,
  none: sql<SqlBool>`(${networkConnectors} = 0)`,
} as const;

/** networkConditions is which networks a request asks for. */
export function networkConditions({ q, id, state }: NetworkListQuery): RawBuilder<SqlBool> {
  return all([
    hasId(sql`network.id`, id),
    matching([sql`network.name`, prefixes, connectorNames, sql`network.description`], q),
    ...(state === undefined ? [] : [standings[state]]),
  ]);
}

const hostAddresses = sql<string>`coalesce((select string_agg(host(tunnel_address.address), ' ' order by connector.number)
  from connector join tunnel_address on tunnel_address.connector_id = connector.id where connector.host_id = host.id), '')`;
const hostOnline = sql<number>`(select count(*) from connector where connector.host_id = host.id and ${live})`;

/** hostOrders is by what hosts are sorted. */
export const hostOrders: Orders<(typeof hostSorts)[number]> = {
  name: natural(sql`host.name`),
  description: natural(sql`host.description`),
  address: natural(hostAddresses),
  connectors: hostOnline,
  internet: sql`host.internet_access`,
};

/** hostConditions is which hosts a request asks for. */
export function hostConditions({ q, id, state }: HostListQuery): RawBuilder<SqlBool> {
  return all([
    hasId(sql`host.id`, id),
    matching([sql`host.name`, sql`host.description`, hostAddresses], q),
    ...(state === undefined ? [] : [state === 'online' ? sql<SqlBool>`${hostOnline} > 0` : sql<SqlBool>`${hostOnline} = 0`]),
  ]);
}
