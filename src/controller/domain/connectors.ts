import type { ConnectorRequest, ConnectorUpdate } from '../../contract/api/connector.ts';
import { notFound } from '../../contract/errors.ts';
import type { ConnectorId, HostId, NetworkId, RegionId } from '../../core/ids.ts';
import { regionRequirer, requireRegion } from '../region/regions.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { ConnectorSite, ConnectorView, SiteKind } from './connector-view.ts';
import { readConnector } from './connector-view.ts';
import { refuseIpSec } from './not-yet.ts';
import { takeAddresses } from './tunnel-address.ts';

/**
 * addConnectors creates connectors at a site: each gets the next tunnel address from .100 upwards (and a lane at the end of the model
 * transaction). `field` goes before the names of fields in refusals: `connectors.0.` where they came embedded.
 */
export async function addConnectors(
  change: Change,
  site: ConnectorSite,
  requests: readonly ConnectorRequest[],
  field: (index: number) => string = () => '',
): Promise<ConnectorId[]> {
  if (requests.length === 0) return [];
  const { trx } = change;
  for (const [index, request] of requests.entries()) refuseIpSec(field(index), request);
  const regionOf = await regionChooser(change);
  const rows = await trx
    .insertInto('connector')
    .values(
      requests.map(({ name, description, vpnRegionId }, index) => ({
        name,
        description: description ?? '',
        network_id: site.kind === 'network' ? site.id : null,
        host_id: site.kind === 'host' ? site.id : null,
        region: regionOf(`${field(index)}vpnRegionId`, vpnRegionId),
      })),
    )
    .returning(['id', 'number', 'name', 'region'])
    .execute();
  const made = rows.toSorted((a, b) => a.number - b.number);
  const addresses = await takeAddresses(
    trx,
    'connector',
    made.map(({ id }) => ({ owner: { kind: 'connector', id } })),
  );
  for (const [index, { id, name, region }] of made.entries()) {
    const after = { name, site, region, address: addresses[index] };
    change.record({ entity: 'connector', entityId: id, action: 'created', after });
  }
  return made.map(({ id }) => id);
}

/** updateConnector changes what is given; a connector whose region changed keeps its address and certificates. */
export async function updateConnector(
  change: Change,
  kind: SiteKind,
  id: ConnectorId,
  update: ConnectorUpdate,
): Promise<ConnectorView> {
  const before = await readConnector(change.trx, kind, id);
  refuseIpSec('', update);
  const after = {
    name: update.name ?? before.name,
    description: update.description ?? before.description,
    region: update.vpnRegionId === undefined ? before.region : await requireRegion(change.trx, 'vpnRegionId', update.vpnRegionId),
  };
  const { name, description, region } = before;
  if (after.name === name && after.description === description && after.region === region) return before;
  await change.trx.updateTable('connector').set(after).where('id', '=', id).execute();
  change.record({ entity: 'connector', entityId: id, action: 'updated', before: { name, description, region }, after });
  return { ...before, ...after };
}

/** setConnectorSuspended cuts a connector off, or lets it connect again. Doing it twice changes nothing. */
export async function setConnectorSuspended(
  change: Change,
  kind: SiteKind,
  id: ConnectorId,
  suspended: boolean,
): Promise<ConnectorView> {
  const before = await readConnector(change.trx, kind, id);
  if (before.suspended === suspended) return before;
  await change.trx.updateTable('connector').set({ suspended }).where('id', '=', id).execute();
  change.record({ entity: 'connector', entityId: id, action: suspended ? 'suspended' : 'activated' });
  return { ...before, suspended };
}

/** removeConnector deletes it. The database revokes its certificates and lets its address rest, its tokens and credentials go with it. */
export async function removeConnector(change: Change, kind: SiteKind, id: ConnectorId, at?: NetworkId | HostId): Promise<void> {
  const before = await readConnector(change.trx, kind, id, at);
  await change.trx.deleteFrom('connector').where('id', '=', id).execute();
  recordConnectorGone(change, before);
}

/** recordConnectorGone says that a connector went, by itself or with its site. */
export function recordConnectorGone(change: Change, connector: ConnectorView): void {
  const { id, name, site, region, address } = connector;
  change.record({ entity: 'connector', entityId: id, action: 'deleted', before: { name, site, region, address } });
}

/** requireSite fails with `not found` unless the network or host exists. */
export async function requireSite(reader: Reader, site: ConnectorSite): Promise<void> {
  const row =
    site.kind === 'network'
      ? await reader.selectFrom('network').select('id').where('id', '=', site.id).executeTakeFirst()
      : await reader.selectFrom('host').select('id').where('id', '=', site.id).executeTakeFirst();
  if (row === undefined) throw notFound(site.kind, site.id);
}

/** Chooses the region that is named, which must exist, or the default. Two queries, however many are chosen. */
async function regionChooser(change: Change): Promise<(field: string, region: string | undefined) => RegionId> {
  const requireOne = await regionRequirer(change.trx);
  const { default_region } = await change.trx.selectFrom('wpc').select('default_region').executeTakeFirstOrThrow();
  return (field, region) => (region === undefined ? default_region : requireOne(field, region));
}
