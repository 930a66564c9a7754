import { sql } from 'kysely';
import type { NetworkDetails } from '../../contract/api/network-details.ts';
import type { ConnectorId } from '../../core/ids.ts';
import { strictAddress } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { containsAddress, strictPrefix } from '../../core/ip/prefix.ts';
import type { Reader } from '../store/database.ts';
import { standingOf } from './connector-standing.ts';
import type { InternetUsage } from './internet-use.ts';
import { readInternetUsage } from './internet-use.ts';
import type { NetworkView } from './networks.ts';
import type { ReportedHealth } from './reported-health.ts';
import { readReportedHealth } from './reported-health.ts';

/** NetworkStanding is what a network and its connectors do now. */
export type NetworkStanding = Pick<NetworkDetails, 'serving' | 'usedBy' | 'warnings'> & {
  readonly standings: ReadonlyMap<string, ReturnType<typeof standingOf> & { readonly version: string | null }>;
};

/** readNetworkStanding takes a fixed number of queries. */
export async function readNetworkStanding(reader: Reader, network: NetworkView): Promise<NetworkStanding> {
  const health = await readReportedHealth(reader);
  const versions = await readVersions(
    reader,
    network.connectors.map(({ id }) => id),
  );
  const usage = network.egress ? await readInternetUsage(reader, health) : undefined;
  return {
    standings: new Map(
      network.connectors.map((each) => [
        each.id,
        { ...standingOf(each, network.connectors, health), version: versions.get(each.id) ?? null },
      ]),
    ),
    serving: health.network(network.id).map(({ region, owners, reason, since }) => ({
      gatewayRegion: region,
      connectorIds: [...owners],
      reason,
      since,
    })),
    usedBy: usage === undefined ? [] : usesOf(network, usage),
    warnings: network.prefixes.flatMap(({ prefix }) => coveringWarnings(network.name, prefix, health)),
  };
}

/** readVersions gives what those say of themselves that are connected; of several tunnels of one the newest counts. */
async function readVersions(reader: Reader, connectors: readonly ConnectorId[]): Promise<ReadonlyMap<ConnectorId, string>> {
  const { rows } = await sql<{ id: ConnectorId; version: string }>`
    select distinct on (connector_id) connector_id as id, concat_ws(' ', client_version, platform) as version
    from session where state = 'established' and connector_id = any(${[...connectors]}::uuid[]) and client_version is not null
    order by connector_id, started_at desc`.execute(reader);
  return new Map(rows.map(({ id, version }) => [id, version]));
}

/** usesOf is who leaves by this network's connectors now. */
export function usesOf({ connectors }: Pick<NetworkView, 'connectors'>, { uses }: InternetUsage): NetworkDetails['usedBy'] {
  const own = new Set<string>(connectors.map(({ id }) => id));
  return uses.filter(({ connectorId }) => own.has(connectorId));
}

/** coveringWarnings says of a prefix that a gateway's own address lies in it, so that the rest of it is routed around that address. */
export function coveringWarnings(
  network: string,
  prefix: PrefixText,
  { publicAddresses }: Pick<ReportedHealth, 'publicAddresses'>,
): NetworkDetails['warnings'] {
  const covered = publicAddresses.filter(({ address }) => containsAddress(strictPrefix(prefix), strictAddress(address)));
  return covered.map(({ gateway, address }) => ({
    code: 'prefix-covers-gateway',
    message: `The prefix ${prefix} of network ${network} contains ${address}, where the gateway ${gateway} is reached: that address stays outside the tunnels, the rest of the prefix works. Nothing needs to be done unless a server has the same address.`,
  }));
}
