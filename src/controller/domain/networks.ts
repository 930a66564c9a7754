import { isDeepStrictEqual } from 'node:util';
import type { NetworkListQuery, NetworkRequest, NetworkUpdate } from '../../contract/api/network.ts';
import type { NetworkDetailsPatch } from '../../contract/api/network-details.ts';
import { notFound } from '../../contract/errors.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { NatMode } from '../../core/model.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { Store } from '../store/store.ts';
import type { Actor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { ConnectorView } from './connector-view.ts';
import { connectorsOf } from './connector-view.ts';
import { addConnectors, recordConnectorGone } from './connectors.ts';
import type { InternetChoice } from './internet-choice.ts';
import { chooseInternet, defaultChoice, refuseLoop, refuseWhileNamed } from './internet-choice.ts';
import type { ListPage } from './list-page.ts';
import { readSortedPage } from './sorted-page.ts';
import { networkConditions, networkOrders } from './site-terms.ts';
import type { NetworkPrefix } from './network-prefixes.ts';
import { addPrefixes, parseWantedPrefix, prefixesOf } from './network-prefixes.ts';
import { refuseNotYet } from './not-yet.ts';
import { checkProbeTargets } from './probe-targets.ts';
import { refuseUnknownConnectors, refuseUnknownPrefixes } from './not-by-update.ts';
import { withOverlapJudge } from './site-prefix.ts';

/** NetworkView is a network with everything that belongs to it. */
export type NetworkView = {
  readonly id: NetworkId;
  readonly name: string;
  readonly description: string;
  readonly nat: NatMode;
  readonly internet: InternetChoice;
  readonly egress: boolean;
  readonly probeTargets: readonly AddressText[];
  readonly prefixes: readonly NetworkPrefix[];
  readonly connectors: readonly ConnectorView[];
};

const leftLocal: InternetChoice = { mode: 'SPLIT_TUNNEL_ON', gateways: [], bypass: [] };

/** createNetwork makes it with its prefixes and connectors, or nothing at all. */
export async function createNetwork(store: Store, actor: Actor, request: NetworkRequest): Promise<NetworkView> {
  refuseNotYet(request);
  const prefixes = (request.routes ?? []).map((route, index) => parseWantedPrefix(route, `routes.${String(index)}.`));
  return withOverlapJudge(store, prefixes, async () =>
    inModelTransaction(store, actor, async (change) => {
      const { trx } = change;
      const egress = request.egress ?? false;
      // What an internet gateway does not say can only be this.
      const held = egress ? leftLocal : await defaultChoice(trx);
      const internet = await chooseInternet(trx, request, held);
      refuseLoop(egress, internet.mode);
      const { id } = await trx
        .insertInto('network')
        .values({
          name: request.name,
          description: request.description ?? '',
          internet_access: internet.mode,
          gateways_ids: [...internet.gateways],
          egress,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      change.record({ entity: 'network', entityId: id, action: 'created', after: { name: request.name, egress, internet } });
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
  const egress = update.egress ?? before.egress;
  const internet = await chooseInternet(change.trx, update, before.internet);
  refuseLoop(egress, internet.mode);
  if (before.egress && !egress) await refuseWhileNamed(change.trx, id, before.name, 'cannot become egress false');
  return writeChanges(change, before, {
    ...changeableOf(before),
    name: update.name ?? before.name,
    description: update.description ?? before.description,
    internet,
    egress,
  });
}

/** setNetworkDetails changes what is ours about a network; what is not given stays. */
export async function setNetworkDetails(change: Change, id: NetworkId, update: NetworkDetailsPatch): Promise<NetworkView> {
  const before = await readNetwork(change.trx, id);
  const probeTargets =
    update.probeTargets === undefined
      ? before.probeTargets
      : await checkProbeTargets(change.trx, id, update.probeTargets, before.probeTargets);
  return writeChanges(change, before, { ...changeableOf(before), nat: update.nat ?? before.nat, probeTargets });
}

type Changeable = Pick<NetworkView, 'name' | 'description' | 'internet' | 'egress' | 'nat' | 'probeTargets'>;

function changeableOf({ name, description, internet, egress, nat, probeTargets }: NetworkView): Changeable {
  return { name, description, internet, egress, nat, probeTargets };
}

/** A change that changes nothing writes nothing, so that a client which repeats itself costs gateways no revision. */
async function writeChanges(change: Change, view: NetworkView, after: Changeable): Promise<NetworkView> {
  const before = changeableOf(view);
  if (isDeepStrictEqual(before, after)) return view;
  await change.trx
    .updateTable('network')
    .set({
      name: after.name,
      description: after.description,
      internet_access: after.internet.mode,
      gateways_ids: [...after.internet.gateways],
      egress: after.egress,
      nat: after.nat,
      probe_targets: [...after.probeTargets],
    })
    .where('id', '=', view.id)
    .execute();
  change.record({ entity: 'network', entityId: view.id, action: 'updated', before, after });
  return { ...view, ...after };
}

/** removeNetwork deletes it with its prefixes and connectors, whose certificates are revoked and whose addresses rest (foreign keys). */
export async function removeNetwork(change: Change, id: NetworkId): Promise<void> {
  const { name, prefixes, connectors } = await readNetwork(change.trx, id);
  await refuseWhileNamed(change.trx, id, name, 'cannot be deleted');
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
export async function listNetworks(reader: Reader, query: NetworkListQuery): Promise<ListPage<NetworkView>> {
  const { items, total } = await readSortedPage(query, select(reader).where(networkConditions(query)), networkOrders, 'network');
  return { items: await withParts(reader, items), total };
}

function select(reader: Reader) {
  return reader
    .selectFrom('network')
    .select(['id', 'name', 'description', 'nat', 'internet_access', 'gateways_ids', 'egress', 'probe_targets'])
    .orderBy('number');
}

type NetworkRow = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>;

async function withParts(reader: Reader, rows: readonly NetworkRow[]): Promise<NetworkView[]> {
  const ids = rows.map(({ id }) => id);
  const prefixes = Map.groupBy(await prefixesOf(reader, ids), ({ network }) => network);
  const connectors = Map.groupBy(await connectorsOf(reader, 'network', ids), ({ site }) => site.id);
  return rows.map(({ id, name, description, nat, internet_access, gateways_ids, egress, probe_targets }) => ({
    id,
    name,
    description,
    nat,
    internet: { mode: internet_access, gateways: gateways_ids, bypass: [] },
    egress,
    probeTargets: probe_targets,
    prefixes: prefixes.get(id) ?? [],
    connectors: connectors.get(id) ?? [],
  }));
}
