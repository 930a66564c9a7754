import type { Endpoint, GatewayConfiguration } from './gateway-configuration.ts';
import type { NetworkId } from './ids.ts';
import type { AddressText } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import { ownNetwork, routedWpc } from './pushed-routes.ts';
import { routesByNetwork } from './routes-by-network.ts';
import { isIpv4Text } from './ip/prefix.ts';
import { prefixesOfNetwork } from './prefixes-of-network.ts';

/** PushedOptions is what a client without our agent is told to send where. IPv4 only: lanes carry nothing else. */
export type PushedOptions = {
  /** What goes into the tunnel whatever `internet` says. */
  readonly routes: readonly PrefixText[];
  /** `tunnel`: everything else goes into it too, and IPv6 is refused at the client. */
  readonly internet: 'local' | 'tunnel';
  /** What goes by the local line although `internet` is `tunnel`. */
  readonly bypass: readonly PrefixText[];
  readonly dns: readonly AddressText[];
};

/** What a connector that runs our agent is pushed: the controller tells it everything. */
export const nothingPushed: PushedOptions = { routes: [], internet: 'local', bypass: [], dns: [] };

type Lists = {
  readonly routesOf: (own: NetworkId | null) => readonly PrefixText[];
  readonly routes: Map<NetworkId | null, readonly PrefixText[]>;
  readonly dns: readonly AddressText[];
};

/** Configurations are immutable, so what follows from one is kept as long as it is. A storm of 1,000 devices then aggregates once. */
const remembered = new WeakMap<GatewayConfiguration, Lists>();

/** pushedTo is what an endpoint is told when it connects. */
export function pushedTo(configuration: GatewayConfiguration, endpoint: Endpoint): PushedOptions {
  const lists = listsOf(configuration);
  const network = ownNetwork(endpoint);
  const routes = kept(lists.routes, network, () => lists.routesOf(network));
  if (endpoint.internet.kind === 'local') return { routes, internet: 'local', bypass: [], dns: lists.dns };
  // What a connector's LAN router leads to must not follow the new default route into the tunnel.
  const own = network === null ? [] : prefixesOfNetwork(configuration, network);
  return { routes, internet: 'tunnel', bypass: [...endpoint.internet.bypass.filter(isIpv4Text), ...own], dns: lists.dns };
}

function listsOf(configuration: GatewayConfiguration): Lists {
  let lists = remembered.get(configuration);
  if (lists === undefined) {
    const dns = configuration.gateway.dnsServers.filter(isIpv4Text);
    const routesOf = routesByNetwork(routedWpc(configuration));
    remembered.set(configuration, (lists = { routesOf, routes: new Map(), dns }));
  }
  return lists;
}

function kept<Key, Value>(values: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = values.get(key);
  if (value === undefined) values.set(key, (value = make()));
  return value;
}
