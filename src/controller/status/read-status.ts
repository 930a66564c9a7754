/**
 * src/controller/status says whether the installation works, for people and programs on its own machine and elsewhere (docs/json.md).
 * Tests: `node --test 'src/controller/status/*.test.ts'`.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Status, StatusConnector, StatusProblem } from '../../contract/cli/status.ts';
import { laneReport } from '../../contract/gateway.ts';
import type { HostId, NetworkId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { standingOf } from '../domain/connector-standing.ts';
import { readInternetUsage } from '../domain/internet-use.ts';
import { gatewaySilence_s, hasLiveSession } from '../domain/live-session.ts';
import { coveringWarnings } from '../domain/network-details.ts';
import { readReportedHealth } from '../domain/reported-health.ts';
import { siteOf } from '../store/read-sites.ts';
import { backupProblems } from './backup-problems.ts';
import { conditionProblems } from '../keeping/read-housekeeping.ts';
import { connectorProblems, internetProblems } from './traffic-problems.ts';

const reportedLanes = z.array(laneReport);
const reportedProblems = z.array(z.object({ code: z.string(), message: z.string() }));

/** readStatus is what `causeway status` shows: whether packets can pass, from the gateways' reports, in a fixed number of queries. */
export async function readStatus(deps: ControllerDeps, now: Date): Promise<Status> {
  const { database } = deps.store;
  const gateways = await database
    .selectFrom('gateway')
    .select(['name', 'region', 'lanes', 'problems', 'reported_at', 'applied_revision'])
    .orderBy('created_at')
    .execute();
  const networks = await database
    .selectFrom('network')
    .select(['id', 'name', 'egress', 'probe_targets'])
    .orderBy('number')
    .execute();
  const routes = await database.selectFrom('network_route').select(['network_id', 'prefix']).orderBy('prefix').execute();
  const hosts = await database.selectFrom('host').select(['id', 'name']).orderBy('number').execute();
  const connectors = await database
    .selectFrom('connector')
    .innerJoin('tunnel_address', 'tunnel_address.connector_id', 'connector.id')
    .select([
      'connector.id',
      'connector.name',
      'connector.network_id',
      'connector.host_id',
      'connector.region',
      'connector.suspended',
      'connector.draining',
      'connector.lan_router',
      'tunnel_address.address',
      hasLiveSession('connector').as('online'),
      sql<string | null>`(select substring(body from '(?n)^agent=([[:alnum:]_.+-]{1,40})$') from observation
        where observation.connector_id = connector.id and section = 'agent')`.as('agent_version'),
    ])
    .orderBy('connector.number')
    .execute();
  const health = await readReportedHealth(database);
  const usage = await readInternetUsage(database, health);

  const problems: StatusProblem[] = [];
  if (gateways.length === 0) {
    problems.push({
      code: 'no-gateway',
      message: 'No gateway is known, so nobody can connect; start this installation without --no-gateway, or add a gateway.',
    });
  }
  for (const gateway of gateways) {
    const silent = gateway.reported_at === null || now.getTime() - gateway.reported_at.getTime() > gatewaySilence_s * 1000;
    if (silent) {
      const since =
        gateway.reported_at === null ? 'has never reported' : `has not reported since ${gateway.reported_at.toISOString()}`;
      problems.push({
        code: 'gateway-silent',
        message: `The gateway ${gateway.name} (${gateway.region}) ${since}; look at its log on its machine.`,
      });
    }
    // Lanes that are down follow below, from the report of the lanes itself: once is enough.
    problems.push(...reportedProblems.parse(gateway.problems).filter(({ code }) => code !== 'lane-down'));
  }

  const lanes = gateways.flatMap(({ lanes: reported }) => reportedLanes.parse(reported));
  for (const lane of lanes) {
    if (lane.state === 'down') {
      problems.push({
        code: 'lane-down',
        message: `The lane ${lane.id} (${lane.protocol} port ${String(lane.port)}) is down: ${lane.reason ?? 'no reason was reported'}; it is started again by itself, and gateway/lanes/${lane.id}/log in the data directory says more.`,
      });
    }
  }

  const routesOf = Map.groupBy(routes, ({ network_id }) => network_id);
  const standings = connectors.map((connector) => ({ ...connector, site: siteOf(connector) }));
  const connectorsOf = Map.groupBy(standings, ({ site }) => site.id);
  const siteConnectors = (site: NetworkId | HostId): StatusConnector[] => {
    const own = connectorsOf.get(site) ?? [];
    return own.map((connector) => {
      const { health: state, healthReason, role } = standingOf(connector, own, health);
      const connectionStatus = connector.online ? 'ONLINE' : 'OFFLINE';
      const { name, address: ipV4Address, agent_version: agentVersion } = connector;
      return { name, connectionStatus, ipV4Address, health: state, healthReason, role, agentVersion };
    });
  };
  problems.push(
    ...networks.flatMap((network) => [
      ...(routesOf.get(network.id) ?? []).flatMap(({ prefix }) => coveringWarnings(network.name, prefix, health)),
      ...connectorProblems(network, connectorsOf.get(network.id) ?? [], health, now),
    ]),
    ...internetProblems(networks, usage),
    ...(await backupProblems(database, now)),
  );
  problems.push(...(await conditionProblems(database)));
  return {
    version: deps.installation.version,
    ready:
      problems.every(({ code }) => code !== 'no-gateway' && code !== 'gateway-silent') &&
      lanes.some(({ state }) => state === 'up'),
    gateway: {
      lanes: lanes.map(({ id, protocol, port, state, clients }) => ({
        id,
        protocol,
        port,
        up: state === 'up',
        sessions: clients,
      })),
    },
    networks: networks.map(({ id, name, egress }) => ({
      name,
      routes: (routesOf.get(id) ?? []).map(({ prefix }) => prefix),
      egress,
      connectors: siteConnectors(id),
    })),
    hosts: hosts.map(({ id, name }) => ({ name, connectors: siteConnectors(id) })),
    problems,
  };
}
