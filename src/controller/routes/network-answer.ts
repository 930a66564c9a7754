import type { Network } from '../../contract/api/network.ts';
import type { NetworkRoute } from '../../contract/api/network-route.ts';
import type { NetworkPrefix } from '../domain/network-prefixes.ts';
import type { NetworkView } from '../domain/networks.ts';
import { networkConnectorAnswer } from './connector-answer.ts';

/** Networks and their prefixes in the vendor's shape; IPv4 is all that this version carries. */
export function networkRouteAnswer({ id, prefix, description }: NetworkPrefix): NetworkRoute {
  return { id, type: 'IP_V4', subnet: prefix, description };
}

/** systemSubnets is empty: connectors get single addresses of the WPC's range, networks get no block of it. */
export function networkAnswer({ id, name, description, internet, egress, prefixes, connectors }: NetworkView): Network {
  return {
    id,
    name,
    description,
    egress,
    internetAccess: internet.mode,
    routes: prefixes.map(networkRouteAnswer),
    connectors: connectors.map(networkConnectorAnswer),
    systemSubnets: [],
    tunnelingProtocol: 'OPENVPN',
    gatewaysIds: [...internet.gateways],
  };
}
