import { notFound } from '../../contract/errors.ts';
import type { PageQuery } from '../../contract/page.ts';
import type { ConnectorId, HostId, NetworkId, RegionId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { Connector } from '../../core/model.ts';
import type { Reader } from '../store/database.ts';
import { siteOf } from '../store/read-sites.ts';
import type { ListPage } from './list-page.ts';
import { readPage } from './list-page.ts';
import { hasLiveSession } from './live-session.ts';

/** ConnectorSite is what a connector stands at. */
export type ConnectorSite = Connector['site'];
export type SiteKind = ConnectorSite['kind'];

/** ConnectorView is a connector with its tunnel address and whether packets can pass. */
export type ConnectorView = {
  readonly id: ConnectorId;
  readonly name: string;
  readonly description: string;
  readonly site: ConnectorSite;
  readonly region: RegionId;
  readonly suspended: boolean;
  readonly draining: boolean;
  readonly address: AddressText;
  readonly online: boolean;
};

/** Every connector has a tunnel address from its creation on, hence the inner join. */
function select(reader: Reader, kind: SiteKind) {
  return reader
    .selectFrom('connector')
    .innerJoin('tunnel_address', 'tunnel_address.connector_id', 'connector.id')
    .where(siteColumn(kind), 'is not', null)
    .orderBy('connector.number')
    .select([
      'connector.id',
      'connector.name',
      'connector.description',
      'connector.network_id',
      'connector.host_id',
      'connector.region',
      'connector.suspended',
      'connector.draining',
      'tunnel_address.address',
      hasLiveSession('connector').as('online'),
    ]);
}

type ConnectorRow = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>;

function siteColumn(kind: SiteKind) {
  return kind === 'network' ? ('connector.network_id' as const) : ('connector.host_id' as const);
}

function toView(row: ConnectorRow): ConnectorView {
  const { id, name, description, region, suspended, draining, address, online } = row;
  return { id, name, description, site: siteOf(row), region, suspended, draining, address, online };
}

/** readConnector fails with `not found` also for a connector of the other kind of site, and of another site than the one that is named. */
export async function readConnector(
  reader: Reader,
  kind: SiteKind,
  id: ConnectorId,
  at?: NetworkId | HostId,
): Promise<ConnectorView> {
  let query = select(reader, kind).where('connector.id', '=', id);
  if (at !== undefined) query = query.where(siteColumn(kind), '=', at);
  const row = await query.executeTakeFirst();
  if (row === undefined) throw notFound('connector', id);
  return toView(row);
}

/** readAnyConnector is readConnector where the kind of site is not known. */
export async function readAnyConnector(reader: Reader, id: ConnectorId): Promise<ConnectorView> {
  const row = await reader.selectFrom('connector').select(['network_id', 'host_id']).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('connector', id);
  return readConnector(reader, siteOf(row).kind, id);
}

/** connectorsOf gives all connectors of these sites with one query. */
export async function connectorsOf(
  reader: Reader,
  kind: SiteKind,
  sites: readonly (NetworkId | HostId)[],
): Promise<ConnectorView[]> {
  if (sites.length === 0) return [];
  const rows = await select(reader, kind).where(siteColumn(kind), 'in', sites).execute();
  return rows.map(toView);
}

/** listConnectors gives one page of the connectors of a kind of site, or of one site. */
export async function listConnectors(
  reader: Reader,
  kind: SiteKind,
  at: NetworkId | HostId | undefined,
  query: PageQuery,
): Promise<ListPage<ConnectorView>> {
  let rows = select(reader, kind);
  let count = reader
    .selectFrom('connector')
    .where(siteColumn(kind), 'is not', null)
    .select(({ fn }) => fn.countAll<number>().as('total'));
  if (at !== undefined) {
    rows = rows.where(siteColumn(kind), '=', at);
    count = count.where(siteColumn(kind), '=', at);
  }
  const { items, total } = await readPage(query, rows, count);
  return { items: items.map(toView), total };
}
