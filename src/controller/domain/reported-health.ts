import type { ConnectorReport, PoolReport } from '../../contract/gateway.ts';
import type { EgressClassId } from '../../core/egress-classes.ts';
import type { ConnectorId, NetworkId, RegionId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { LaneAssignment, LaneId } from '../../core/lanes.ts';
import { ownLane } from '../../core/lanes.ts';
import { servingGateway } from '../../core/serving-gateway.ts';
import { parseHealthReport } from '../gateway-stream/health-changes.ts';
import type { Reader } from '../store/database.ts';
import { gatewayReports } from './live-session.ts';

/** ReportedPool is a pool at one gateway. */
export type ReportedPool = Omit<PoolReport, 'pool' | 'owners'> & {
  readonly region: RegionId;
  readonly owners: readonly ConnectorId[];
};

/** ReportedHealth is what the gateways that report say of connectors and of who serves what. */
export type ReportedHealth = {
  readonly connector: (id: ConnectorId) => ConnectorReport | undefined;
  /** One for each gateway that serves the network; none while no gateway reports. */
  readonly network: (id: NetworkId) => readonly ReportedPool[];
  readonly egress: (id: EgressClassId) => readonly ReportedPool[];
  /** The lane of a connector's own at the gateway that serves its region; null: it has none. */
  readonly laneOf: (connector: { readonly id: ConnectorId; readonly region: RegionId }) => LaneId | null;
  readonly publicAddresses: readonly { readonly gateway: string; readonly address: AddressText }[];
};

/** readReportedHealth takes two queries, however many connectors there are. A gateway that is silent is not believed. */
export async function readReportedHealth(reader: Reader): Promise<ReportedHealth> {
  const gateways = await reader
    .selectFrom('gateway')
    .innerJoin('wpc', (join) => join.onTrue())
    .select([
      'gateway.name',
      'gateway.region',
      'gateway.connector_lanes',
      'gateway.public_addresses',
      'gateway.connectors',
      'gateway.pools',
      'wpc.default_region',
      gatewayReports().as('reports'),
    ])
    .orderBy('gateway.created_at')
    .orderBy('gateway.id')
    .execute();
  const assigned = await reader.selectFrom('lane_assignment').selectAll().execute();
  const lanes: LaneAssignment = Object.fromEntries(assigned.map(({ connector_id, lane }) => [connector_id, lane]));
  const connectors = new Map<string, ConnectorReport>();
  const pools = new Map<string, ReportedPool[]>();
  for (const { region, ...gateway } of gateways) {
    if (!gateway.reports) continue;
    const report = parseHealthReport(gateway);
    for (const each of report.connectors) connectors.set(each.connector, each);
    for (const { pool, owners, reason, since } of report.pools) {
      const known = pools.get(pool) ?? [];
      // The contract's schema has checked that they are ids.
      known.push({ region, owners: owners as ConnectorId[], reason, since });
      pools.set(pool, known);
    }
  }
  return {
    connector: (id) => connectors.get(id),
    network: (id) => pools.get(`network:${id}`) ?? [],
    egress: (id) => pools.get(`egress:${id}`) ?? [],
    laneOf: ({ id, region }) => {
      const serving = servingGateway(gateways, region, gateways[0]?.default_region ?? region);
      return ownLane(lanes, id, serving?.connector_lanes ?? 0);
    },
    publicAddresses: gateways.flatMap(({ name, public_addresses }) =>
      public_addresses.map((address) => ({ gateway: name, address })),
    ),
  };
}
