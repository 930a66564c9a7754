import { sql } from 'kysely';
import type { HostId, NetworkId } from '../../core/ids.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import type { InternetAccess } from '../../core/internet-access.ts';
import type { Connector, Host, Network } from '../../core/model.ts';
import type { Reader } from './database.ts';
import type { InternetAccess as Mode } from './schema.ts';

/** readNetworks gives every network with its prefixes, in the order in which they were made. */
export async function readNetworks(reader: Reader): Promise<Network[]> {
  const rows = await reader
    .selectFrom('network')
    .leftJoin('network_route', 'network_route.network_id', 'network.id')
    .select([
      'network.id',
      'network.name',
      'network.nat',
      'network.internet_access',
      'network.gateways_ids',
      'network.egress',
      'network.probe_targets',
    ])
    // Made in the database: a row for each of 5,000 prefixes would repeat its network's name.
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
  return rows.map(({ internet_access, gateways_ids, probe_targets, ...network }) => ({
    ...network,
    internet: internetOf(internet_access, gateways_ids, []),
    probeTargets: probe_targets,
  }));
}

/** internetOf reads the columns of internet access; gateways count only where they can be used, but are kept as they were written. */
export function internetOf(mode: Mode, gateways: readonly NetworkId[], bypass: readonly PrefixText[]): InternetAccess {
  switch (mode) {
    case 'SPLIT_TUNNEL_ON':
      return { mode };
    case 'SPLIT_TUNNEL_OFF':
      return { mode, gateways, bypass };
    case 'RESTRICTED_INTERNET':
      return { mode, bypass };
  }
}

/** readHosts gives every host, in the order in which they were made. */
export async function readHosts(reader: Reader): Promise<Host[]> {
  const rows = await reader
    .selectFrom('host')
    .select(['id', 'name', 'internet_access', 'gateways_ids'])
    .orderBy('number')
    .execute();
  return rows.map(({ id, name, internet_access, gateways_ids }) => ({
    id,
    name,
    internet: internetOf(internet_access, gateways_ids, []),
  }));
}

/** readConnectors gives every connector with its site and tunnel address, in the order in which they were made. */
export async function readConnectors(reader: Reader): Promise<Connector[]> {
  const rows = await reader
    .selectFrom('connector')
    .innerJoin('tunnel_address', 'tunnel_address.connector_id', 'connector.id')
    .select([
      'connector.id',
      'connector.name',
      'connector.network_id',
      'connector.host_id',
      'connector.region',
      'connector.suspended',
      'connector.draining',
      'connector.lan_router',
      'tunnel_address.address',
    ])
    .orderBy('connector.number')
    .execute();
  return rows.map(({ network_id, host_id, lan_router, ...connector }) => ({
    ...connector,
    lanRouter: lan_router,
    site: siteOf({ network_id, host_id }),
  }));
}

/** siteOf reads the pair of columns of which the database lets exactly one be set. */
export function siteOf(row: { readonly network_id: NetworkId | null; readonly host_id: HostId | null }): Connector['site'] {
  if (row.network_id !== null) return { kind: 'network', id: row.network_id };
  if (row.host_id !== null) return { kind: 'host', id: row.host_id };
  throw new Error('a connector stands at neither a network nor a host');
}
