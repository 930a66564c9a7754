import { X509Certificate } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import type { GatewayFigures } from '../../contract/gateway.ts';
import { laneReport } from '../../contract/gateway.ts';
import type { ConnectorId, NetworkId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { standingOf } from '../domain/connector-standing.ts';
import { readInternetUsage } from '../domain/internet-use.ts';
import { gatewayReports, hasLiveSession } from '../domain/live-session.ts';
import type { ReportedHealth } from '../domain/reported-health.ts';
import { readReportedHealth } from '../domain/reported-health.ts';
import type { Reader } from '../store/database.ts';
import { siteOf } from '../store/read-sites.ts';
import type { Samples } from './samples.ts';

/** Connectors and networks with series of their own; of what is beyond, the number is told. A connector has 14 series. */
const mostConnectors = 2_000;
const mostNetworks = 2_000;

const reportedLanes = z.array(laneReport).catch([]);

type FleetDeps = Pick<ControllerDeps, 'store' | 'metrics'>;
type ConnectorName = { readonly site: string; readonly connector: string };
type NetworkSeries = { readonly id: NetworkId; readonly name: string };

/** readFleet says how gateways, lanes, connectors, networks and internet gateways are. A fixed number of queries, however many there are. */
export async function readFleet({ store, metrics }: FleetDeps, samples: Samples, now: Date): Promise<void> {
  const { database } = store;
  const [gateways, connectors, networks, health] = await Promise.all([
    readGateways(database),
    readConnectors(database),
    database.selectFrom('network').select(['id', 'name']).orderBy('number').execute(),
    readReportedHealth(database),
  ]);
  const usage = await readInternetUsage(database, health);
  const named = uniqueNames(networks.slice(0, mostNetworks), ({ name }) => name);
  const networkNames = new Map<NetworkId, string>([...named].map(([network, name]) => [network.id, name]));
  const shown = connectors.slice(0, mostConnectors);
  const connectorNames = new Map<ConnectorId, ConnectorName>(
    [...uniqueNames(shown, ({ site, name }) => `${site}\n${name}`)].map(([connector, name]) => [
      connector.id,
      { site: connector.site, connector: name.slice(connector.site.length + 1) },
    ]),
  );
  samples.add('causeway_metrics_omitted', { kind: 'connector' }, connectors.length - shown.length);
  samples.add('causeway_metrics_omitted', { kind: 'network' }, networks.length - named.size);

  let certificate: string | undefined;
  for (const [gateway, name] of uniqueNames(gateways, (each) => each.name)) {
    sayGateway(samples, gateway, name, metrics.revisions.lag_s(gateway.applied_revision, now.getTime()));
    const figures = metrics.gateways.of(gateway.id, now.getTime());
    if (figures === undefined) continue;
    sayFigures(samples, name, figures, { connectorNames, networkNames });
    const { certificateExpiresAt: end } = figures;
    // Both are written by toISOString, so they are in the order of time.
    if (end !== undefined && (certificate === undefined || end < certificate)) certificate = end;
  }
  const ends = certificate === undefined ? null : new Date(certificate);
  samples.instant('causeway_certificate_expiry_timestamp_seconds', { kind: 'gateway' }, ends);
  sayConnectors(samples, shown, connectors, connectorNames, health);
  sayNetworks(samples, networks.slice(0, mostNetworks), connectors, networkNames, health);
  const networkOf = new Map(connectors.map(({ id, network_id }) => [id, network_id]));
  const uses = Map.groupBy(usage.uses, ({ connectorId, kind }) => `${networkOf.get(connectorId as ConnectorId) ?? ''} ${kind}`);
  for (const own of uses.values()) {
    const [first] = own;
    const network = first && networkNames.get(networkOf.get(first.connectorId as ConnectorId) ?? ('' as NetworkId));
    if (first === undefined || network === undefined) continue;
    const users = new Set(own.map(({ id }) => id)).size;
    samples.add('causeway_network_egress_users', { network, kind: first.kind }, users);
  }
  for (const kind of ['user-group', 'network', 'host'] as const) {
    const refused = new Set(usage.refusals.filter((each) => each.kind === kind).map(({ id }) => id)).size;
    samples.add('causeway_egress_refused_users', { kind }, refused);
  }
}

async function readGateways(reader: Reader) {
  const live = (column: 'connector_id' | 'device_id') => sql<number>`(select count(*) from session
    where session.gateway_id = gateway.id and session.state = 'established' and ${sql.ref(`session.${column}`)} is not null)`;
  return await reader
    .selectFrom('gateway')
    .select(['id', 'name', 'region', 'agent_version', 'openvpn_version', 'applied_revision', 'lanes', 'reported_at'])
    .select([
      gatewayReports().as('reports'),
      live('connector_id').as('connector_sessions'),
      live('device_id').as('device_sessions'),
    ])
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

async function readConnectors(reader: Reader) {
  const rows = await reader
    .selectFrom('connector')
    .leftJoin('network', 'network.id', 'connector.network_id')
    .leftJoin('host', 'host.id', 'connector.host_id')
    .select([
      'connector.id',
      'connector.name',
      'connector.network_id',
      'connector.host_id',
      'connector.region',
      'connector.suspended',
      'connector.draining',
      sql<string>`coalesce(network.name, host.name)`.as('site_name'),
      hasLiveSession('connector').as('online'),
      sql<string | null>`(select client_version from session where session.connector_id = connector.id
        and session.state = 'established' order by started_at desc limit 1)`.as('openvpn_version'),
      sql<Date | null>`greatest(
        (select max(updated_at) from session where session.connector_id = connector.id and session.state = 'established'),
        (select max(observed_at) from observation where observation.connector_id = connector.id))`.as('last_seen'),
    ])
    .orderBy('connector.number')
    .execute();
  return rows.map((row) => ({ ...row, place: siteOf(row), site: row.site_name }));
}

type GatewayRow = Awaited<ReturnType<typeof readGateways>>[number];
type ConnectorRow = Awaited<ReturnType<typeof readConnectors>>[number];

function sayGateway(samples: Samples, row: GatewayRow, gateway: string, lag_s: number): void {
  const { region, agent_version, openvpn_version, applied_revision, reported_at, reports } = row;
  const versions = { agent_version: agent_version ?? '', openvpn_version: openvpn_version ?? '' };
  samples.add('causeway_gateway_info', { gateway, region, ...versions }, 1);
  samples.flag('causeway_gateway_up', { gateway }, reports);
  samples.instant('causeway_gateway_last_report_timestamp_seconds', { gateway }, reported_at);
  samples.add('causeway_gateway_applied_revision', { gateway }, applied_revision);
  samples.add('causeway_gateway_revision_lag_seconds', { gateway }, lag_s);
  samples.add('causeway_gateway_sessions', { gateway, kind: 'connector' }, row.connector_sessions);
  samples.add('causeway_gateway_sessions', { gateway, kind: 'device' }, row.device_sessions);
  for (const { id: lane, protocol, state, clients } of reportedLanes.parse(row.lanes)) {
    // What a silent gateway said is of another time.
    samples.flag('causeway_lane_up', { gateway, lane, protocol }, reports && state === 'up');
    if (reports) samples.add('causeway_lane_clients', { gateway, lane }, clients);
  }
}

type Names = {
  readonly connectorNames: ReadonlyMap<ConnectorId, ConnectorName>;
  readonly networkNames: ReadonlyMap<NetworkId, string>;
};

function sayFigures(samples: Samples, gateway: string, figures: GatewayFigures, { connectorNames, networkNames }: Names): void {
  const { process, kernel, changes } = figures;
  samples.instant('causeway_gateway_start_timestamp_seconds', { gateway }, new Date(figures.startedAt));
  samples.add('causeway_gateway_cpu_seconds_total', { gateway }, process.cpuSeconds);
  samples.add('causeway_gateway_resident_memory_bytes', { gateway }, process.residentBytes);
  samples.add('causeway_gateway_open_fds', { gateway }, process.openFiles);
  samples.add('causeway_gateway_stream_opens_total', { gateway }, figures.streamOpens);
  samples.add('causeway_gateway_failed_reports_total', { gateway }, figures.failedReports);
  samples.add('causeway_gateway_changes_applied_total', { gateway }, changes.applied);
  samples.add('causeway_gateway_apply_duration_seconds_total', { gateway }, changes.applySeconds);
  for (const [result, count] of Object.entries(kernel.passes))
    samples.add('causeway_gateway_kernel_passes_total', { gateway, result }, count);
  samples.add('causeway_gateway_kernel_pass_duration_seconds_total', { gateway }, kernel.passSeconds);
  samples.add('causeway_gateway_kernel_repairs_total', { gateway }, kernel.repairs);
  for (const [tool, count] of Object.entries(kernel.failedSteps))
    samples.add('causeway_gateway_kernel_failed_steps_total', { gateway, tool }, count);
  for (const { outcome, count } of figures.connects) samples.add('causeway_gateway_connects_total', { gateway, outcome }, count);
  for (const { lane, exits, bytesIn, bytesOut } of figures.lanes) {
    samples.add('causeway_lane_exits_total', { gateway, lane }, exits);
    samples.add('causeway_lane_received_bytes_total', { gateway, lane }, bytesIn);
    samples.add('causeway_lane_sent_bytes_total', { gateway, lane }, bytesOut);
  }
  for (const { connector: id, bytesIn, bytesOut, probesAnswered, probesMissed } of figures.connectors) {
    // The contract's schema has checked that it is an id.
    const name = connectorNames.get(id as ConnectorId);
    if (name === undefined) continue;
    samples.add('causeway_connector_received_bytes_total', { gateway, ...name }, bytesIn);
    samples.add('causeway_connector_sent_bytes_total', { gateway, ...name }, bytesOut);
    if (probesAnswered + probesMissed === 0) continue;
    samples.add('causeway_connector_probes_total', { gateway, ...name, result: 'answered' }, probesAnswered);
    samples.add('causeway_connector_probes_total', { gateway, ...name, result: 'missed' }, probesMissed);
  }
  for (const { pool, count } of figures.moves) {
    const network = networkNames.get(pool.replace(/^network:/, '') as NetworkId);
    const isEgress = pool.startsWith('egress:');
    if (network === undefined && !isEgress) continue;
    samples.add('causeway_gateway_failovers_total', { gateway, pool: isEgress ? pool : `network ${network ?? ''}` }, count);
  }
}

function sayConnectors(
  samples: Samples,
  shown: readonly ConnectorRow[],
  all: readonly ConnectorRow[],
  names: ReadonlyMap<ConnectorId, ConnectorName>,
  health: ReportedHealth,
): void {
  const bySite = Map.groupBy(all, ({ place }) => place.id);
  for (const row of shown) {
    const name = names.get(row.id);
    if (name === undefined) continue;
    const connector = { ...row, site: row.place };
    const siblings = (bySite.get(row.place.id) ?? []).map((each) => ({ ...each, site: each.place }));
    const standing = standingOf(connector, siblings, health);
    const info = { kind: row.place.kind, region: row.region, id: row.id, openvpn_version: row.openvpn_version ?? '' };
    samples.add('causeway_connector_info', { ...name, ...info }, 1);
    samples.flag('causeway_connector_online', name, row.online);
    samples.flag('causeway_connector_healthy', name, isHealthy(row.online, standing.health));
    samples.flag('causeway_connector_active', name, standing.role === 'active' || standing.role === 'sharing');
    samples.flag('causeway_connector_suspended', name, row.suspended);
    samples.flag('causeway_connector_draining', name, row.draining);
    samples.instant('causeway_connector_last_seen_timestamp_seconds', name, row.last_seen);
    const { roundTripMs } = standing;
    samples.add('causeway_connector_probe_round_trip_seconds', name, roundTripMs === null ? null : roundTripMs / 1000);
  }
}

function isHealthy(online: boolean, health: string): boolean {
  return online && (health === 'healthy' || health === 'not-probed');
}

function sayNetworks(
  samples: Samples,
  networks: readonly NetworkSeries[],
  connectors: readonly ConnectorRow[],
  names: ReadonlyMap<NetworkId, string>,
  health: ReportedHealth,
): void {
  const bySite = Map.groupBy(connectors, ({ place }) => place.id);
  for (const { id } of networks) {
    const network = names.get(id) ?? id;
    const own = bySite.get(id) ?? [];
    const siblings = own.map((each) => ({ ...each, site: each.place }));
    const healthy = siblings.filter((each) => isHealthy(each.online, standingOf(each, siblings, health).health)).length;
    samples.add('causeway_network_connectors', { network, state: 'all' }, own.length);
    samples.add('causeway_network_connectors', { network, state: 'online' }, own.filter(({ online }) => online).length);
    samples.add('causeway_network_connectors', { network, state: 'healthy' }, healthy);
  }
}

/** Names need not be unique, and labels have to be: the second one of a name carries the beginning of its id. */
function uniqueNames<Item extends { readonly id: string }>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
): Map<Item, string> {
  const taken = new Set<string>();
  return new Map(
    items.map((item) => {
      const name = nameOf(item);
      const label = taken.has(name) ? `${name} (${item.id.slice(0, 8)})` : name;
      taken.add(name);
      return [item, label];
    }),
  );
}

/** expiryOf reads when a certificate in PEM ends; null where it cannot be read, which is for others to say. */
export function expiryOf(pem: string): Date | null {
  try {
    return new X509Certificate(pem).validToDate;
  } catch {
    return null;
  }
}
