import type { GatewayConfiguration } from './gateway-configuration.ts';
import type { NetworkId } from './ids.ts';
import type { PrefixText } from './ip/prefix.ts';
import { isIpv4Text } from './ip/prefix.ts';

/** Configurations are immutable; this is worked out once for each, not at each pass over 10,000 prefixes. */
const remembered = new WeakMap<GatewayConfiguration, ReadonlyMap<NetworkId, readonly PrefixText[]>>();

/** prefixesOfNetwork gives the IPv4 prefixes behind a network; tunnels carry nothing else. */
export function prefixesOfNetwork(configuration: GatewayConfiguration, network: NetworkId): readonly PrefixText[] {
  let ofNetwork = remembered.get(configuration);
  if (ofNetwork === undefined) remembered.set(configuration, (ofNetwork = group(configuration)));
  return ofNetwork.get(network) ?? [];
}

function group({ prefixes }: GatewayConfiguration): ReadonlyMap<NetworkId, readonly PrefixText[]> {
  const ofNetwork = new Map<NetworkId, PrefixText[]>();
  for (const [text, { network }] of Object.entries(prefixes)) {
    const prefix = text as PrefixText;
    if (!isIpv4Text(prefix)) continue;
    const list = ofNetwork.get(network);
    if (list === undefined) ofNetwork.set(network, [prefix]);
    else list.push(prefix);
  }
  return ofNetwork;
}
