import { lanRouterOf } from '../../core/lan-router.ts';
import type { ConnectorId, NetworkId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';

/** Sections of an observation that say which router a connector's LAN has. */
export const routerSections: readonly string[] = ['addr', 'route'];

type ObservedRouter = {
  readonly connector: ConnectorId;
  readonly held: AddressText | null;
  readonly observed: AddressText | null;
};

/** refreshLanRouters writes down the routers of these connectors' LANs as their last observations have them, where that differs. */
export async function refreshLanRouters(
  change: Change,
  of: { readonly network: NetworkId } | { readonly connector: ConnectorId },
): Promise<void> {
  for (const { connector, held, observed } of await observedRouters(change.trx, of)) {
    if (held === observed) continue;
    await change.trx.updateTable('connector').set({ lan_router: observed }).where('id', '=', connector).execute();
    const [before, after] = [{ lanRouter: held }, { lanRouter: observed }];
    change.record({ entity: 'connector', entityId: connector, action: 'observed', before, after });
  }
}

/** isLanRouterNew tells without a transaction of the model whether refreshLanRouters would write anything. */
export async function isLanRouterNew(reader: Reader, connector: ConnectorId): Promise<boolean> {
  return (await observedRouters(reader, { connector })).some(({ held, observed }) => held !== observed);
}

/** Connectors of hosts have no LAN behind them, and those that have reported nothing are left as they are. */
async function observedRouters(
  reader: Reader,
  of: { readonly network: NetworkId } | { readonly connector: ConnectorId },
): Promise<ObservedRouter[]> {
  let query = reader
    .selectFrom('observation')
    .innerJoin('connector', 'connector.id', 'observation.connector_id')
    .innerJoin('network', 'network.id', 'connector.network_id')
    .select(['connector.id', 'connector.lan_router', 'network.id as network', 'observation.section', 'observation.body'])
    .where('observation.section', 'in', routerSections);
  query = 'network' in of ? query.where('network.id', '=', of.network) : query.where('connector.id', '=', of.connector);
  const rows = await query.orderBy('connector.number').execute();
  const [first] = rows;
  if (first === undefined) return [];
  const prefixes: PrefixText[] = (
    await reader.selectFrom('network_route').select('prefix').where('network_id', '=', first.network).execute()
  ).map(({ prefix }) => prefix);
  return [...Map.groupBy(rows, ({ id }) => id)].map(([connector, sections]) => {
    const text = (name: string) => sections.find(({ section }) => section === name)?.body;
    const observed = lanRouterOf({ addr: text('addr'), route: text('route') }, prefixes);
    return { connector, held: sections[0]?.lan_router ?? null, observed };
  });
}
