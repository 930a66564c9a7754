import type { NetworkRouteRequest } from '../../contract/api/network-route.ts';
import { invalidInput, notFound } from '../../contract/errors.ts';
import type { PageQuery } from '../../contract/page.ts';
import type { NetworkId, NetworkRouteId } from '../../core/ids.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { formatPrefix } from '../../core/ip/prefix.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import { refuseBypassed } from './internet-choice.ts';
import { refreshLanRouters } from './lan-router.ts';
import type { ListPage } from './list-page.ts';
import { readPage } from './list-page.ts';
import type { SitePrefix } from './site-prefix.ts';
import { parseSitePrefix, refuseMutualOverlap, refuseOverlap } from './site-prefix.ts';

/** NetworkPrefix is a prefix behind a network: what the API calls a route. */
export type NetworkPrefix = {
  readonly id: NetworkRouteId;
  readonly network: NetworkId;
  readonly prefix: PrefixText;
  readonly description: string;
};

/** A prefix that was asked for and may be used as such; whether it is free is judged in the transaction. */
export type WantedPrefix = SitePrefix & { readonly description: string };

/** parseWantedPrefix reads a request; `field` goes before the names of fields: `routes.0.` where it came embedded. */
export function parseWantedPrefix(request: NetworkRouteRequest, field = ''): WantedPrefix {
  const { value, subnet } = request;
  if (value !== undefined && subnet !== undefined && value !== subnet) {
    throw invalidInput(`${field}subnet`, subnet, `differs from ${field}value`, 'the same prefix, or one of the two fields');
  }
  const text = value ?? subnet;
  if (text === undefined) throw invalidInput(`${field}value`, text, 'is not allowed', 'an IPv4 prefix such as 10.0.0.0/18');
  const name = value === undefined ? 'subnet' : 'value';
  return { ...parseSitePrefix(`${field}${name}`, text), description: request.description ?? '' };
}

/** addPrefixes adds prefixes to a network that exists. */
export async function addPrefixes(change: Change, network: NetworkId, wanted: readonly WantedPrefix[]): Promise<NetworkPrefix[]> {
  if (wanted.length === 0) return [];
  refuseMutualOverlap(wanted);
  await refuseOverlap(change.trx, wanted);
  await refuseBypassed(change.trx, wanted);
  const rows = await change.trx
    .insertInto('network_route')
    .values(wanted.map(({ prefix, description }) => ({ network_id: network, prefix: formatPrefix(prefix), description })))
    .returning(['id', 'network_id', 'prefix', 'description'])
    .execute();
  const added = rows.map(toPrefix);
  for (const { id, prefix } of added) {
    change.record({ entity: 'network-route', entityId: id, action: 'created', after: { network, prefix } });
  }
  await refreshLanRouters(change, { network });
  return added;
}

/** updatePrefix changes the prefix or its description; what is not given stays. */
export async function updatePrefix(change: Change, id: NetworkRouteId, request: NetworkRouteRequest): Promise<NetworkPrefix> {
  const before = await readPrefix(change.trx, id);
  const text = request.value ?? request.subnet;
  const wanted = text === undefined ? undefined : parseWantedPrefix(request);
  const prefix = wanted === undefined ? before.prefix : formatPrefix(wanted.prefix);
  const description = request.description ?? before.description;
  if (prefix === before.prefix && description === before.description) return before;
  if (wanted !== undefined && prefix !== before.prefix) {
    await refuseOverlap(change.trx, [wanted], id);
    await refuseBypassed(change.trx, [wanted]);
  }
  await change.trx.updateTable('network_route').set({ prefix, description }).where('id', '=', id).execute();
  const after = { ...before, prefix, description };
  change.record({ entity: 'network-route', entityId: id, action: 'updated', before, after });
  if (prefix !== before.prefix) await refreshLanRouters(change, { network: before.network });
  return after;
}

/** removePrefix takes it away; where a network is named, it must be that network's. */
export async function removePrefix(change: Change, id: NetworkRouteId, of?: NetworkId): Promise<void> {
  const before = await readPrefix(change.trx, id);
  if (of !== undefined && before.network !== of) throw notFound('network route', id);
  await change.trx.deleteFrom('network_route').where('id', '=', id).execute();
  change.record({ entity: 'network-route', entityId: id, action: 'deleted', before });
  await refreshLanRouters(change, { network: before.network });
}

function select(reader: Reader) {
  return reader.selectFrom('network_route').select(['id', 'network_id', 'prefix', 'description']).orderBy('number');
}

function toPrefix(row: { id: NetworkRouteId; network_id: NetworkId; prefix: PrefixText; description: string }): NetworkPrefix {
  return { id: row.id, network: row.network_id, prefix: row.prefix, description: row.description };
}

export async function readPrefix(reader: Reader, id: NetworkRouteId): Promise<NetworkPrefix> {
  const row = await select(reader).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('network route', id);
  return toPrefix(row);
}

/** prefixesOf gives all prefixes of these networks with one query. */
export async function prefixesOf(reader: Reader, networks: readonly NetworkId[]): Promise<NetworkPrefix[]> {
  if (networks.length === 0) return [];
  return (await select(reader).where('network_id', 'in', networks).execute()).map(toPrefix);
}

/** listPrefixes gives one page of the prefixes of all networks, or of one. */
export async function listPrefixes(
  reader: Reader,
  of: NetworkId | undefined,
  query: PageQuery,
): Promise<ListPage<NetworkPrefix>> {
  let rows = select(reader);
  let count = reader.selectFrom('network_route').select(({ fn }) => fn.countAll<number>().as('total'));
  if (of !== undefined) {
    rows = rows.where('network_id', '=', of);
    count = count.where('network_id', '=', of);
  }
  const { items, total } = await readPage(query, rows, count);
  return { items: items.map(toPrefix), total };
}
