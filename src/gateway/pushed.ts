import type { Endpoint, GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { NetworkId } from '../core/ids.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { ownNetwork, pushedRoutes, routedWpc } from '../core/pushed-routes.ts';

/** Configurations are immutable, so what follows from one is kept as long as it is. A storm of 1,000 devices then aggregates once. */
const remembered = new WeakMap<GatewayConfiguration, Map<NetworkId | null, readonly PrefixText[]>>();

/** pushedTo is the list of routes that an endpoint is told when it connects. */
export function pushedTo(configuration: GatewayConfiguration, endpoint: Endpoint): readonly PrefixText[] {
  let lists = remembered.get(configuration);
  if (lists === undefined) remembered.set(configuration, (lists = new Map()));
  const network = ownNetwork(endpoint);
  let list = lists.get(network);
  if (list === undefined) lists.set(network, (list = pushedRoutes(routedWpc(configuration), network)));
  return list;
}
