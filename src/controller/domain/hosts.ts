import { isDeepStrictEqual } from 'node:util';
import type { HostListQuery, HostRequest, HostUpdate } from '../../contract/api/host.ts';
import { notFound } from '../../contract/errors.ts';
import type { HostId } from '../../core/ids.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { ConnectorView } from './connector-view.ts';
import { connectorsOf } from './connector-view.ts';
import { addConnectors, recordConnectorGone } from './connectors.ts';
import type { InternetChoice } from './internet-choice.ts';
import { chooseInternet, defaultChoice } from './internet-choice.ts';
import type { ListPage } from './list-page.ts';
import { readSortedPage } from './sorted-page.ts';
import { hostConditions, hostOrders } from './site-terms.ts';
import { refuseUnknownConnectors } from './not-by-update.ts';
import { refuseNotYet } from './not-yet.ts';

/** HostView is a host with its connectors. */
export type HostView = {
  readonly id: HostId;
  readonly name: string;
  readonly description: string;
  readonly internet: InternetChoice;
  readonly connectors: readonly ConnectorView[];
};

/** createHost makes it with its connectors, or nothing at all. */
export async function createHost(change: Change, request: HostRequest): Promise<HostView> {
  refuseNotYet(request);
  const internet = await chooseInternet(change.trx, request, await defaultChoice(change.trx));
  const { id } = await change.trx
    .insertInto('host')
    .values({
      name: request.name,
      description: request.description ?? '',
      domain: null,
      internet_access: internet.mode,
      gateways_ids: [...internet.gateways],
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  change.record({ entity: 'host', entityId: id, action: 'created', after: { name: request.name, internet } });
  await addConnectors(change, { kind: 'host', id }, request.connectors ?? [], (index) => `connectors.${String(index)}.`);
  return readHost(change.trx, id);
}

/** updateHost changes what is given of the host itself. */
export async function updateHost(change: Change, id: HostId, update: HostUpdate): Promise<HostView> {
  const before = await readHost(change.trx, id);
  refuseNotYet(update);
  refuseUnknownConnectors('hosts', before.connectors, update.connectors);
  const after = {
    name: update.name ?? before.name,
    description: update.description ?? before.description,
    internet: await chooseInternet(change.trx, update, before.internet),
  };
  const { name, description, internet } = before;
  if (name === after.name && description === after.description && isDeepStrictEqual(internet, after.internet)) return before;
  await change.trx
    .updateTable('host')
    .set({
      name: after.name,
      description: after.description,
      internet_access: after.internet.mode,
      gateways_ids: [...after.internet.gateways],
    })
    .where('id', '=', id)
    .execute();
  change.record({ entity: 'host', entityId: id, action: 'updated', before: { name, description, internet }, after });
  return { ...before, ...after };
}

/** removeHost deletes it with its connectors, whose certificates are revoked and whose addresses rest (foreign keys). */
export async function removeHost(change: Change, id: HostId): Promise<void> {
  const { name, connectors } = await readHost(change.trx, id);
  await change.trx.deleteFrom('host').where('id', '=', id).execute();
  for (const connector of connectors) recordConnectorGone(change, connector);
  change.record({ entity: 'host', entityId: id, action: 'deleted', before: { name } });
}

export async function readHost(reader: Reader, id: HostId): Promise<HostView> {
  const row = await select(reader).where('id', '=', id).executeTakeFirst();
  const [view] = row === undefined ? [] : await withConnectors(reader, [row]);
  if (view === undefined) throw notFound('host', id);
  return view;
}

/** listHosts takes at most three queries, however many hosts the page has. */
export async function listHosts(reader: Reader, query: HostListQuery): Promise<ListPage<HostView>> {
  const { items, total } = await readSortedPage(query, select(reader).where(hostConditions(query)), hostOrders, 'host');
  return { items: await withConnectors(reader, items), total };
}

function select(reader: Reader) {
  return reader.selectFrom('host').select(['id', 'name', 'description', 'internet_access', 'gateways_ids']).orderBy('number');
}

type HostRow = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>;

async function withConnectors(reader: Reader, rows: readonly HostRow[]): Promise<HostView[]> {
  const ids = rows.map(({ id }) => id);
  const connectors = Map.groupBy(await connectorsOf(reader, 'host', ids), ({ site }) => site.id);
  return rows.map(({ id, name, description, internet_access, gateways_ids }) => ({
    id,
    name,
    description,
    internet: { mode: internet_access, gateways: gateways_ids, bypass: [] },
    connectors: connectors.get(id) ?? [],
  }));
}
