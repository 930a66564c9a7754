import type { NetworkRequest, NetworkUpdate } from '../../contract/api/network.ts';
import { notFound } from '../../contract/errors.ts';
import type { PageQuery } from '../../contract/page.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { NatMode } from '../../core/model.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { InternetAccess } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { Actor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { ConnectorView } from './connector-view.ts';
import { connectorsOf } from './connector-view.ts';
import { addConnectors, recordConnectorGone } from './connectors.ts';
import type { ListPage } from './list-page.ts';
import { readPage } from './list-page.ts';
import type { NetworkPrefix } from './network-prefixes.ts';
import { addPrefixes, parseWantedPrefix, prefixesOf } from './network-prefixes.ts';
import { refuseNotYet } from './not-yet.ts';
import { refuseUnknownConnectors, refuseUnknownPrefixes } from './not-by-update.ts';
import { withOverlapJudge } from './site-prefix.ts';

/** NetworkView is a network with everything that belongs to it. */
export type NetworkView = {
  readonly id: NetworkId;
  readonly name: string;
  readonly description: string;
  readonly nat: NatMode;
  readonly internetAccess: InternetAccess;
  readonly prefixes: readonly NetworkPrefix[];
  readonly connectors: readonly ConnectorView[];
};

/** createNetwork makes it with its prefixes and connectors, or nothing at all. */
export async function createNetwork(store: Store, actor: Actor, request: NetworkRequest): Promise<NetworkView> {
  refuseNotYet(request);
  const prefixes = (request.routes ?? []).map((route, index) => parseWantedPrefix(route, `routes.${String(index)}.`));
  return withOverlapJudge(store, prefixes, async () =>
    inModelTransaction(store, actor, async (change) => {
      const { trx } = change;
      const { id } = await trx
        .insertInto('network')
        .values({
          name: request.name,
          description: request.description ?? '',
          internet_access: request.internetAccess ?? (await defaultInternetAccess(trx)),
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      change.record({ entity: 'network', entityId: id, action: 'created', after: { name: request.name } });
      await addPrefixes(change, id, prefixes);
      await addConnectors(change, { kind: 'network', id }, request.connectors ?? [], (index) => `connectors.${String(index)}.`);
      return readNetwork(trx, id);
    }),
  );
}

/** updateNetwork changes what is given of the network itself. */
export async function updateNetwork(change: Change, id: NetworkId, update: NetworkUpdate): Promise<NetworkView> {
  const before = await readNetwork(change.trx, id);
  refuseNotYet(update);
  refuseUnknownPrefixes(before.prefixes, update.routes);
  refuseUnknownConnectors('networks', before.connectors, update.connectors);
  return writeChanges(change, before, {
    name: update.name ?? before.name,
    description: update.description ?? before.description,
    internetAccess: update.internetAccess ?? before.internetAccess,
    nat: before.nat,
  });
}

/** setNetworkNat chooses how its connectors hand packets to the LAN. */
export async function setNetworkNat(change: Change, id: NetworkId, nat: NatMode | undefined): Promise<NetworkView> {
  const before = await readNetwork(change.trx, id);
  const { name, description, internetAccess } = before;
  return writeChanges(change, before, { name, description, internetAccess, nat: nat ?? before.nat });
}

type Changeable = Pick<NetworkView, 'name' | 'description' | 'internetAccess' | 'nat'>;

/** A change that changes nothing writes nothing, so that a client which repeats itself costs gateways no revision. */
async function writeChanges(change: Change, before: NetworkView, after: Changeable): Promise<NetworkView> {
  const { name, description, internetAccess, nat } = before;
  if (name === after.name && description === after.description && internetAccess === after.internetAccess && nat === after.nat) {
    return before;
  }
  await change.trx
    .updateTable('network')
    .set({ name: after.name, description: after.description, internet_access: after.internetAccess, nat: after.nat })
    .where('id', '=', before.id)
    .execute();
  const was = { name, description, internetAccess, nat };
  change.record({ entity: 'network', entityId: before.id, action: 'updated', before: was, after });
  return { ...before, ...after };
}

/** removeNetwork deletes it with its prefixes and connectors, whose certificates are revoked and whose addresses rest (foreign keys). */
export async function removeNetwork(change: Change, id: NetworkId): Promise<void> {
  const { name, prefixes, connectors } = await readNetwork(change.trx, id);
  await change.trx.deleteFrom('network').where('id', '=', id).execute();
  for (const connector of connectors) recordConnectorGone(change, connector);
  const before = { name, prefixes: prefixes.map(({ prefix }) => prefix) };
  change.record({ entity: 'network', entityId: id, action: 'deleted', before });
}

export async function readNetwork(reader: Reader, id: NetworkId): Promise<NetworkView> {
  const row = await select(reader).where('id', '=', id).executeTakeFirst();
  const [view] = row === undefined ? [] : await withParts(reader, [row]);
  if (view === undefined) throw notFound('network', id);
  return view;
}

/** listNetworks takes at most four queries, however many networks the page has. */
export async function listNetworks(reader: Reader, query: PageQuery): Promise<ListPage<NetworkView>> {
  const count = reader.selectFrom('network').select(({ fn }) => fn.countAll<number>().as('total'));
  const { items: rows, total } = await readPage(query, select(reader), count);
  return { items: await withParts(reader, rows), total };
}

function select(reader: Reader) {
  return reader.selectFrom('network').select(['id', 'name', 'description', 'nat', 'internet_access']).orderBy('number');
}

type NetworkRow = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>;

async function withParts(reader: Reader, rows: readonly NetworkRow[]): Promise<NetworkView[]> {
  const ids = rows.map(({ id }) => id);
  const prefixes = Map.groupBy(await prefixesOf(reader, ids), ({ network }) => network);
  const connectors = Map.groupBy(await connectorsOf(reader, 'network', ids), ({ site }) => site.id);
  return rows.map(({ id, name, description, nat, internet_access }) => ({
    id,
    name,
    description,
    nat,
    internetAccess: internet_access,
    prefixes: prefixes.get(id) ?? [],
    connectors: connectors.get(id) ?? [],
  }));
}

/** defaultInternetAccess is what the settings give to what does not say. */
export async function defaultInternetAccess(reader: Reader): Promise<InternetAccess> {
  return (await reader.selectFrom('wpc').select('default_internet_access').executeTakeFirstOrThrow()).default_internet_access;
}
