/**
 * src/controller/connector-agent is what a connector's machine talks to: enrolment, desired state, renewal, observations, and the scripts
 * themselves. The contract is contract/connector-agent.ts. Tests: `node --test 'src/controller/connector-agent/*.test.ts'`.
 */
import { sql } from 'kysely';
import type { ConnectorWpc } from '../../core/connector-desired.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import type { Connector } from '../../core/model.ts';
import type { Store } from '../store/store.ts';

/** ConnectorWpcReader gives the model's part for connectors at the present revision. */
export type ConnectorWpcReader = () => Promise<ConnectorWpc>;

/**
 * connectorWpcReader reads the tables once for each revision, however many connectors ask: a change wakes all of them at once. The revision
 * itself is read every time, so an answer is never older than its question.
 */
export function connectorWpcReader(store: Store): ConnectorWpcReader {
  let held: { readonly revision: number; readonly wpc: Promise<ConnectorWpc> } | undefined;
  return async () => {
    const { revision } = await store.database.selectFrom('wpc').select('revision').executeTakeFirstOrThrow();
    if (held?.revision !== revision) {
      const reading = { revision, wpc: readConnectorWpc(store) };
      held = reading;
      // A failure must not be remembered.
      reading.wpc.catch(() => {
        if (held === reading) held = undefined;
      });
    }
    return held.wpc;
  };
}

async function readConnectorWpc(store: Store): Promise<ConnectorWpc> {
  return store.database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const wpc = await trx.selectFrom('wpc').select(['revision', 'tunnel_ranges']).executeTakeFirstOrThrow();
      const networks = await trx
        .selectFrom('network')
        .leftJoin('network_route', 'network_route.network_id', 'network.id')
        .select(['network.id', 'network.name', 'network.nat'])
        .select(
          sql<
            PrefixText[]
          >`coalesce(array_agg(network_route.prefix order by network_route.prefix) filter (where network_route.prefix is not null), '{}')`.as(
            'prefixes',
          ),
        )
        .groupBy('network.id')
        .orderBy('network.number')
        .execute();
      const connectors = await trx
        .selectFrom('connector')
        .innerJoin('tunnel_address', 'tunnel_address.connector_id', 'connector.id')
        .select([
          'connector.id',
          'connector.name',
          'connector.network_id',
          'connector.host_id',
          'connector.region',
          'connector.suspended',
          'tunnel_address.address',
        ])
        .orderBy('connector.number')
        .execute();
      return {
        revision: wpc.revision,
        tunnelRanges: wpc.tunnel_ranges,
        networks,
        connectors: connectors.flatMap(({ network_id, host_id, ...connector }): Connector[] => {
          if (network_id !== null) return [{ ...connector, site: { kind: 'network', id: network_id } }];
          // The table demands one of the two.
          return host_id === null ? [] : [{ ...connector, site: { kind: 'host', id: host_id } }];
        }),
      };
    });
}
