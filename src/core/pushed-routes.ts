import type { Endpoint, GatewayConfiguration } from './gateway-configuration.ts';
import type { NetworkId } from './ids.ts';
import type { Prefix, PrefixText } from './ip/prefix.ts';
import { formatPrefix, strictPrefix } from './ip/prefix.ts';
import { aggregate } from './ip/prefix-set.ts';

/** What routes depend on: the tunnel ranges and who has which prefix. A gateway's configuration has it, and so has the controller's. */
export type RoutedWpc = {
  readonly tunnelRanges: readonly PrefixText[];
  readonly prefixes: Readonly<Record<PrefixText, { readonly network: NetworkId }>>;
};

/**
 * pushedRoutes is what an endpoint sends into its tunnel (RA-4, RA-8, SS-13): the tunnel ranges and the prefixes of all networks but
 * its own, aggregated to the fewest exact prefixes. Its own prefixes are never in it: the route would cut the machine from its LAN.
 */
export function pushedRoutes(wpc: RoutedWpc, ownNetwork: NetworkId | null): readonly PrefixText[] {
  const routed: Prefix[] = wpc.tunnelRanges.map((text) => strictPrefix(text));
  for (const [text, { network }] of Object.entries(wpc.prefixes)) if (network !== ownNetwork) routed.push(strictPrefix(text));
  return aggregate(routed).map((prefix) => formatPrefix(prefix));
}

/** routedWpc is the part of a gateway's configuration that routes depend on. */
export function routedWpc(configuration: GatewayConfiguration): RoutedWpc {
  return { tunnelRanges: configuration.gateway.tunnelRanges, prefixes: configuration.prefixes };
}

/** ownNetwork is the network whose prefixes an endpoint must not be given routes for: none for devices and hosts. */
export function ownNetwork(endpoint: Endpoint): NetworkId | null {
  return endpoint.kind === 'connector' ? endpoint.network : null;
}
