import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SearchKind, SearchResult } from '../../contract/api/search.ts';
import type { Reader } from '../store/database.ts';
import { beginning, containing } from '../store/like.ts';

type Row = {
  readonly kind: SearchKind;
  readonly id: string;
  readonly name: string;
  readonly parent_kind: 'network' | 'host' | 'user' | null;
  readonly parent_id: string | null;
  readonly parent_name: string | null;
  readonly address: string | null;
};

/**
 * searchNames finds objects of these kinds by a part of their names, or by the beginning of an address, with one query; at most `limit` of each
 * kind. The order of people knows the case of all letters. Looks at every name: an index for parts of words would cost more at each change than is gained at the sizes of a WPC (bench/list-api.ts).
 */
export async function searchNames(
  reader: Reader,
  text: string,
  kinds: readonly SearchKind[],
  limit: number,
): Promise<SearchResult[]> {
  if (kinds.length === 0) return [];
  const wanted: Wanted = {
    begins: beginning(text),
    contains: containing(text),
    limit,
    isAddress: /^[0-9a-f.:]+(\/\d*)?$/i.test(text),
  };
  const parts = kinds.map((kind) => sql`(${selects[kind](wanted)})`);
  const { rows } = await sql<Row>`${sql.join(parts, sql` union all `)}`.execute(reader);
  return rows.map(({ kind, id, name, parent_kind, parent_id, parent_name, address }) => ({
    kind,
    id,
    name,
    parent: parent_kind === null || parent_id === null ? null : { kind: parent_kind, id: parent_id, name: parent_name ?? '' },
    address,
  }));
}

type Wanted = { readonly begins: string; readonly contains: string; readonly limit: number; readonly isAddress: boolean };

/** What is no address is not compared with addresses: `a` would find the IPv6 ones. */
const selects: Readonly<Record<SearchKind, (wanted: Wanted) => RawBuilder<unknown>>> = {
  network: ({ begins, contains, limit, isAddress }) => sql`
    select 'network' as kind, network.id::text as id, network.name, null::text as parent_kind, null::text as parent_id,
      null::text as parent_name, route.prefix::text as address
    from network left join lateral (select prefix from network_route
      where ${isAddress} and network_route.network_id = network.id and prefix::text like ${begins} order by prefix limit 1) route on true
    where network.name collate natural_order ilike ${contains} or route.prefix is not null
    order by network.name collate natural_order ilike ${begins} desc, network.number limit ${limit}`,
  host: ({ begins, contains, limit }) => sql`
    select 'host', id::text, name, null, null, null, null from host where name collate natural_order ilike ${contains} or domain collate natural_order ilike ${contains}
    order by name collate natural_order ilike ${begins} desc, number limit ${limit}`,
  connector: ({ begins, contains, limit, isAddress }) => sql`
    select 'connector', connector.id::text, connector.name, case when network.id is null then 'host' else 'network' end,
      coalesce(network.id, host.id)::text, coalesce(network.name, host.name), host(address)
    from connector left join network on network.id = connector.network_id left join host on host.id = connector.host_id
      join tunnel_address on tunnel_address.connector_id = connector.id
    where connector.name collate natural_order ilike ${contains} or (${isAddress} and host(address) like ${begins})
    order by connector.name collate natural_order ilike ${begins} desc, connector.number limit ${limit}`,
  user: ({ begins, contains, limit }) => sql`
    select 'user', id::text, username, null, null, null, null from app_user
    where username collate natural_order ilike ${contains} or email collate natural_order ilike ${contains} or (first_name || ' ' || last_name) collate natural_order ilike ${contains}
    order by username collate natural_order ilike ${begins} desc, number limit ${limit}`,
  device: ({ begins, contains, limit, isAddress }) => sql`
    select 'device', device.id::text, device.name, 'user', app_user.id::text, app_user.username, host(address)
    from device join app_user on app_user.id = device.user_id join tunnel_address on tunnel_address.device_id = device.id
    where device.name collate natural_order ilike ${contains} or (${isAddress} and host(address) like ${begins})
    order by device.name collate natural_order ilike ${begins} desc, device.number limit ${limit}`,
};
