/**
 * src/controller/site-routes reads from model, observations and reports what core/site-routes and core/platforms need, and answers it. Tests
 * ask the application on a real PostgreSQL: `node --test 'src/controller/site-routes/*.test.ts'`.
 */
import { poolReport } from '../../contract/gateway.ts';
import type { ConnectorId, HostId, NetworkId } from '../../core/ids.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import type { Connector, Network } from '../../core/model.ts';
import type { LanAddress } from '../../core/site-routes/lan-address.ts';
import { lanAddressOf } from '../../core/site-routes/lan-address.ts';
import type { SiteWpc } from '../../core/site-routes/site-routes.ts';
import type { Database, Reader } from '../store/database.ts';
import { readConnectors, readNetworks } from '../store/read-sites.ts';

/** What agents have reported of the machines of connectors: section by name. */
export type Observed = ReadonlyMap<ConnectorId, ReadonlyMap<string, string>>;

/**
 * readSiteWpc reads the model of sites from one snapshot; `choose` says of which networks the reports of the connectors are read too. A
 * fixed number of queries, however many networks there are.
 */
export async function readSiteWpc(
  database: Database,
  choose: (networks: readonly Network[]) => readonly NetworkId[],
): Promise<{ readonly wpc: SiteWpc; readonly observed: Observed }> {
  return await database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const { tunnel_ranges } = await trx.selectFrom('wpc').select('tunnel_ranges').executeTakeFirstOrThrow();
      const networks = await readNetworks(trx);
      const connectors = await readConnectors(trx);
      const gateways = await trx.selectFrom('gateway').select(['public_addresses', 'pools']).execute();
      const observed = await readObserved(trx, choose(networks));
      const wpc = {
        tunnelRanges: tunnel_ranges,
        networks,
        connectors,
        gatewayAddresses: [...new Set(gateways.flatMap(({ public_addresses }) => public_addresses))],
        lan: lanAddresses(observed, connectors, networks),
        owners: ownersOf(gateways.flatMap(({ pools }) => pools)),
      };
      return { wpc, observed };
    });
}

async function readObserved(reader: Reader, networks: readonly NetworkId[]): Promise<Observed> {
  if (networks.length === 0) return new Map();
  const rows = await reader
    .selectFrom('observation')
    .innerJoin('connector', 'connector.id', 'observation.connector_id')
    .select(['observation.connector_id', 'observation.section', 'observation.body'])
    .where('connector.network_id', 'in', networks)
    .where('observation.section', 'in', ['addr', 'route', 'platform'])
    .execute();
  const byConnector = Map.groupBy(rows, ({ connector_id }) => connector_id);
  return new Map([...byConnector].map(([id, sections]) => [id, new Map(sections.map(({ section, body }) => [section, body]))]));
}

function lanAddresses(
  observed: Observed,
  connectors: readonly Connector[],
  networks: readonly Network[],
): ReadonlyMap<ConnectorId, LanAddress> {
  const prefixesOf = new Map<NetworkId | HostId, readonly PrefixText[]>(networks.map(({ id, prefixes }) => [id, prefixes]));
  return new Map(
    connectors.flatMap(({ id, site }): [ConnectorId, LanAddress][] => {
      const sections = observed.get(id);
      if (sections === undefined) return [];
      const lan = lanAddressOf({ addr: sections.get('addr'), route: sections.get('route') }, prefixesOf.get(site.id) ?? []);
      return lan === null ? [] : [[id, lan]];
    }),
  );
}

/**
 * Reports are kept as they came (contract/gateway.ts); what is no report of a network's pool says nothing here. Believed also of a gateway
 * that is silent: the LAN's router needs some next hop, and the last owner is the best guess.
 */
function ownersOf(pools: readonly unknown[]): ReadonlyMap<NetworkId, ReadonlySet<ConnectorId>> {
  const owners = new Map<NetworkId, ReadonlySet<ConnectorId>>();
  for (const report of pools) {
    const parsed = poolReport.safeParse(report);
    const network = parsed.success ? /^network:(.+)$/.exec(parsed.data.pool)?.[1] : undefined;
    if (!parsed.success || network === undefined) continue;
    const known = owners.get(network as NetworkId) ?? [];
    owners.set(network as NetworkId, new Set([...known, ...(parsed.data.owners as ConnectorId[])]));
  }
  return owners;
}
