import type { InternetGateway, InternetGateways } from '../../contract/api/internet-gateway.ts';
import type { Reader } from '../store/database.ts';
import { standingOf } from './connector-standing.ts';
import { connectorsOf } from './connector-view.ts';
import { readInternetUsage } from './internet-use.ts';
import { usesOf } from './network-details.ts';
import { readReportedHealth } from './reported-health.ts';

/** From best to worst. */
const healths = ['healthy', 'not-probed', 'recovering', 'unhealthy'] as const;

/** readInternetGateways gives all internet gateways in the order of creation, with a fixed number of queries. */
export async function readInternetGateways(reader: Reader): Promise<InternetGateways> {
  const networks = await reader
    .selectFrom('network')
    .select(['id', 'name'])
    .where('egress', '=', true)
    .orderBy('number')
    .execute();
  const health = await readReportedHealth(reader);
  const usage = await readInternetUsage(reader, health);
  const views = await connectorsOf(
    reader,
    'network',
    networks.map(({ id }) => id),
  );
  const bySite = Map.groupBy(views, ({ site }) => site.id);
  const gateways = networks.map(({ id, name }): InternetGateway => {
    const own = bySite.get(id) ?? [];
    const connectors = own.map((view) => ({
      id: view.id,
      name: view.name,
      vpnRegionId: view.region,
      ...standingOf(view, own, health),
    }));
    const online = connectors.filter(({ role }) => role !== 'offline');
    return {
      id,
      name,
      health: healths.find((each) => online.some((connector) => connector.health === each)) ?? 'offline',
      connectors,
      usedBy: usesOf({ connectors: own }, usage),
    };
  });
  return { gateways, refused: [...usage.refusals] };
}
