/**
 * src/controller/overview is what the portal's map shows, and the search over all objects and addresses.
 * Tests: `node --test 'src/controller/overview/*.test.ts'` (real PostgreSQL).
 */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Overview } from '../../contract/api/overview.ts';
import { laneReport } from '../../contract/gateway.ts';
import type { Permission } from '../../contract/permission.ts';
import type { ConnectorId, HostId, NetworkId, RegionId } from '../../core/ids.ts';
import type { Connector } from '../../core/model.ts';
import { servingGateway } from '../../core/serving-gateway.ts';
import { standingOf } from '../domain/connector-standing.ts';
import { readInternetUsage } from '../domain/internet-use.ts';
import { gatewayReports } from '../domain/live-session.ts';
import type { ReportedHealth } from '../domain/reported-health.ts';
import { readReportedHealth } from '../domain/reported-health.ts';
import { shownEvent } from '../event/events.ts';
import type { Database, Reader } from '../store/database.ts';
import { readConnectors, readHosts, readNetworks } from '../store/read-sites.ts';
import type { ConnectorTunnels } from './live-traffic.ts';
import { noTraffic, readConnectorTunnels, readPresence } from './live-traffic.ts';

/** Enough for the list below the map. */
const lastEvents = 20;

type Gateway = Awaited<ReturnType<typeof readGateways>>[number];

/**
 * readOverview reads everything from one snapshot (repeatable read), so that who follows the events after `lastSeq` misses nothing; a fixed
 * number of queries, however large the WPC is. What `may` denies is null.
 */
export async function readOverview(database: Database, may: (permission: Permission) => boolean): Promise<Overview> {
  return await database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const wpc = await trx
        .selectFrom('wpc')
        .select(['name', 'revision', 'event_seq', 'default_region', sql<Date>`now()`.as('now')])
        .executeTakeFirstOrThrow();
      const gateways = await readGateways(trx);
      const sites = await readSites(trx, gateways, wpc.default_region);
      const people = may('user:read') ? await countPeople(trx) : { users: null, devices: null, devicesOnline: null };
      return {
        name: wpc.name,
        revision: wpc.revision,
        lastSeq: wpc.event_seq,
        at: wpc.now.toISOString(),
        counts: { ...sites.counts, ...people },
        groups: may('user-group:read') ? await readGroups(trx) : null,
        regions: await readRegions(trx, gateways, wpc.default_region, sites.regions),
        networks: may('network:read') ? sites.networks : null,
        hosts: may('host:read') ? sites.hosts : null,
        internet:
          may('network:read') && may('host:read') && may('user-group:read') ? await readInternet(trx, sites.health) : null,
        events: may('event:read') ? await readLastEvents(trx) : null,
      };
    });
}

async function readGateways(reader: Reader) {
  return await reader
    .selectFrom('gateway')
    .select(['id', 'name', 'region', 'lanes', 'reported_at', gatewayReports().as('reports')])
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

async function readSites(reader: Reader, gateways: readonly Gateway[], defaultRegion: RegionId) {
  const networks = await readNetworks(reader);
  const hosts = await readHosts(reader);
  const tunnels = await readConnectorTunnels(reader);
  const connectors = (await readConnectors(reader)).map((each) => ({ ...each, online: tunnels.has(each.id) }));
  const health = await readReportedHealth(reader);
  const bySite = Map.groupBy(connectors, ({ site }) => site.id);
  const of = (site: NetworkId | HostId) => {
    const own = bySite.get(site) ?? [];
    return own.map((connector) => shownConnector(connector, own, health, tunnels, gateways, defaultRegion));
  };
  return {
    health,
    regions: new Set(connectors.map(({ region }) => region)),
    counts: {
      networks: networks.length,
      hosts: hosts.length,
      connectors: connectors.length,
      connectorsOnline: tunnels.size,
    },
    networks: networks.map(({ id, name, nat, egress, prefixes, internet }) => {
      return { id, name, nat, egress, prefixes: [...prefixes], internetAccess: internet.mode, connectors: of(id) };
    }),
    hosts: hosts.map(({ id, name, internet }) => ({ id, name, internetAccess: internet.mode, connectors: of(id) })),
  };
}

type OnlineConnector = Connector & { readonly online: boolean };

function shownConnector(
  connector: OnlineConnector,
  siblings: readonly OnlineConnector[],
  health: ReportedHealth,
  tunnels: ReadonlyMap<ConnectorId, ConnectorTunnels>,
  gateways: readonly Gateway[],
  defaultRegion: RegionId,
) {
  const standing = standingOf(connector, siblings, health);
  const tunnel = tunnels.get(connector.id);
  const { id, name, region, address, suspended, draining } = connector;
  return {
    id,
    name,
    regionId: region,
    gatewayRegionId: tunnel?.region ?? servingGateway(gateways, region, defaultRegion)?.region ?? null,
    ipV4Address: address,
    connectionStatus: tunnel === undefined ? ('OFFLINE' as const) : ('ONLINE' as const),
    suspended,
    draining,
    role: standing.role,
    health: standing.health,
    healthReason: standing.healthReason,
    traffic: tunnel?.traffic ?? noTraffic,
  };
}

const reportedLanes = z.array(laneReport);

async function readRegions(
  reader: Reader,
  gateways: readonly Gateway[],
  defaultRegion: RegionId,
  used: ReadonlySet<RegionId>,
): Promise<Overview['regions']> {
  const rows = await reader.selectFrom('region').select(['id', 'name', 'country']).orderBy('id').execute();
  return rows.flatMap(({ id, name, country }, order) => {
    const own = gateways.find(({ region }) => region === id);
    if (own === undefined && !used.has(id)) return [];
    const lanes = own === undefined ? [] : reportedLanes.parse(own.lanes);
    const gateway =
      own === undefined
        ? null
        : {
            id: own.id,
            name: own.name,
            reports: own.reports,
            reportedAt: own.reported_at?.toISOString() ?? null,
            lanes: lanes.length,
            lanesUp: lanes.filter(({ state }) => state === 'up').length,
          };
    return [{ id, name, country, order, servedBy: servingGateway(gateways, id, defaultRegion)?.region ?? null, gateway }];
  });
}

async function readGroups(reader: Reader): Promise<NonNullable<Overview['groups']>> {
  const groups = await reader
    .selectFrom('user_group')
    .leftJoin('app_user', (join) =>
      join.onRef('app_user.group_id', '=', 'user_group.id').on('app_user.status', '!=', 'SUSPENDED'),
    )
    .select(['user_group.id', 'user_group.name', 'user_group.internet_access'])
    .select(({ fn }) => fn.count<number>('app_user.id').as('people'))
    .groupBy('user_group.id')
    .orderBy('user_group.number')
    .execute();
  const presence = await readPresence(reader);
  return groups.map(({ id, name, internet_access, people }) => {
    const all = presence.get(id) ?? [];
    const everywhere = all.find(({ region }) => region === null);
    return {
      id,
      name,
      internetAccess: internet_access,
      people,
      peopleOnline: everywhere?.people ?? 0,
      devicesOnline: everywhere?.devices ?? 0,
      regions: all.flatMap(({ region, people: online, devices, traffic }) =>
        region === null ? [] : [{ regionId: region, people: online, devices, traffic }],
      ),
    };
  });
}

async function countPeople(reader: Reader) {
  const { rows } = await sql<{ users: number; devices: number; devicesOnline: number }>`
    select (select count(*)::int from app_user) as users, (select count(*)::int from device) as devices,
      (select count(distinct session.device_id)::int from session join gateway on gateway.id = session.gateway_id
        where session.state = 'established' and ${gatewayReports()}) as "devicesOnline"`.execute(reader);
  const [counts = { users: 0, devices: 0, devicesOnline: 0 }] = rows;
  return counts;
}

async function readInternet(reader: Reader, health: ReportedHealth): Promise<NonNullable<Overview['internet']>> {
  const { uses, refusals } = await readInternetUsage(reader, health);
  return { uses: [...uses], refused: [...refusals] };
}

async function readLastEvents(reader: Reader): Promise<NonNullable<Overview['events']>> {
  const rows = await reader.selectFrom('event').selectAll().orderBy('seq', 'desc').limit(lastEvents).execute();
  return rows.map(shownEvent);
}
