import { sql } from 'kysely';
import type { Search, SearchKind, SearchResult } from '../../contract/api/search.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { Address } from '../../core/ip/address.ts';
import { formatAddress } from '../../core/ip/address.ts';
import { connectorsOf } from '../domain/connector-view.ts';
import { readReportedHealth } from '../domain/reported-health.ts';
import { shownName } from '../domain/shown-name.ts';
import type { Reader } from '../store/database.ts';

/**
 * findAddress says whose address this is: the tunnel address of a connector or device, one of a network's prefixes, or nobody's. By the indexes
 * of tunnel addresses and prefixes; at most six queries. What is of a kind that is not among `kinds` is not told.
 */
export async function findAddress(reader: Reader, address: Address, kinds: readonly SearchKind[]): Promise<Search> {
  const text = formatAddress(address);
  const owner = await tunnelOwner(reader, text);
  if (owner !== undefined) {
    if (!kinds.includes(owner.kind)) return { results: [], answer: `${text} is a tunnel address.` };
    const of = owner.parent === null ? '' : ` of ${owner.parent.kind} ${shownName(owner.parent.name)}`;
    return { results: [owner], answer: `${text} is the tunnel address of ${owner.kind} ${shownName(owner.name)}${of}.` };
  }
  const network = kinds.includes('network') ? await networkOf(reader, text) : undefined;
  if (network !== undefined) return await inNetwork(reader, text, network);
  const { rows } = await sql<{ range: string }>`
    select range::text from wpc, unnest(tunnel_ranges) as range where range >>= ${text}::inet`.execute(reader);
  const [free] = rows;
  if (free !== undefined) return { results: [], answer: `${text} is a tunnel address (${free.range}) that belongs to nobody.` };
  const rest = kinds.includes('network')
    ? 'no network has it'
    : 'whether a network has it, this credential may not read (network:read)';
  return { results: [], answer: `${text} is no tunnel address, and ${rest}.` };
}

async function tunnelOwner(reader: Reader, address: string): Promise<SearchResult | undefined> {
  const row = await reader
    .selectFrom('tunnel_address')
    .leftJoin('connector', 'connector.id', 'tunnel_address.connector_id')
    .leftJoin('network', 'network.id', 'connector.network_id')
    .leftJoin('host', 'host.id', 'connector.host_id')
    .leftJoin('device', 'device.id', 'tunnel_address.device_id')
    .leftJoin('app_user', 'app_user.id', 'device.user_id')
    .select([
      'connector.id as connector',
      'connector.name as connector_name',
      'network.id as network',
      'network.name as network_name',
      'host.id as host',
      'host.name as host_name',
      'device.id as device',
      'device.name as device_name',
      'app_user.id as user',
      'app_user.username as user_name',
    ])
    .where(sql<boolean>`tunnel_address.address = ${address}::inet`)
    .where('released_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const parent = (kind: 'network' | 'host' | 'user', id: string | null, name: string | null) =>
    id === null ? null : { kind, id, name: name ?? '' };
  if (row.device !== null) {
    const of = parent('user', row.user, row.user_name);
    return { kind: 'device', id: row.device, name: row.device_name ?? '', parent: of, address };
  }
  if (row.connector === null) return undefined;
  const of = parent('network', row.network, row.network_name) ?? parent('host', row.host, row.host_name);
  return { kind: 'connector', id: row.connector, name: row.connector_name ?? '', parent: of, address };
}

type FoundNetwork = { readonly id: NetworkId; readonly name: string; readonly prefix: string };

async function networkOf(reader: Reader, address: string): Promise<FoundNetwork | undefined> {
  return await reader
    .selectFrom('network_route')
    .innerJoin('network', 'network.id', 'network_route.network_id')
    .select(['network.id', 'network.name', 'network_route.prefix'])
    .where(sql<boolean>`network_route.prefix >>= ${address}::inet`)
    .executeTakeFirst();
}

async function inNetwork(reader: Reader, address: string, { id, name, prefix }: FoundNetwork): Promise<Search> {
  const connectors = await connectorsOf(reader, 'network', [id]);
  const health = await readReportedHealth(reader);
  const owners = new Set(health.network(id).flatMap((pool) => pool.owners));
  // While no gateway has said who has its traffic, whoever is connected does.
  const serving = connectors.filter((connector) => (owners.size > 0 ? owners.has(connector.id) : connector.online));
  const by =
    serving.length === 0
      ? 'by no connector: none is connected'
      : `by ${serving.map((each) => shownName(each.name)).join(' and ')}`;
  const parent = { kind: 'network', id, name } as const;
  return {
    results: [
      { kind: 'network', id, name, parent: null, address: prefix },
      ...serving.map((each) => ({ kind: 'connector' as const, id: each.id, name: each.name, parent, address: each.address })),
    ],
    answer: `${address} is in ${shownName(name)} (${prefix}), ${by}.`,
  };
}
