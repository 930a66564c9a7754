import type { Endpoint, GatewayConfiguration } from './gateway-configuration.ts';
import type { NetworkId } from './ids.ts';
import type { AddressText } from './ip/address.ts';
import { strictAddress } from './ip/address.ts';
import type { Prefix, PrefixText } from './ip/prefix.ts';
import { addressBits, formatPrefix, prefixOf, strictPrefix } from './ip/prefix.ts';
import { subtract } from './ip/prefix-set.ts';

/**
 * What routes depend on: the tunnel ranges, who has which prefix, and where the gateway is reached from outside. A gateway's configuration
 * has it, and so has the controller's.
 */
export type RoutedWpc = {
  readonly tunnelRanges: readonly PrefixText[];
  readonly prefixes: Readonly<Record<PrefixText, { readonly network: NetworkId }>>;
  readonly publicAddresses: readonly AddressText[];
};

/**
 * pushedRoutes is what an endpoint sends into its tunnel (RA-4, RA-8, SS-13): the tunnel ranges and the prefixes of all networks but
 * its own, aggregated to the fewest exact prefixes. Its own prefixes are never in it: the route would cut the machine from its LAN. Nor is
 * an address of the gateway, although a network may have it (a site behind the same router): the tunnel would go through itself.
 */
export function pushedRoutes(wpc: RoutedWpc, ownNetwork: NetworkId | null): readonly PrefixText[] {
  const routed: Prefix[] = wpc.tunnelRanges.map((text) => strictPrefix(text));
  for (const [text, { network }] of Object.entries(wpc.prefixes)) if (network !== ownNetwork) routed.push(strictPrefix(text));
  return subtract(routed, gatewayPlaces(wpc)).map((prefix) => formatPrefix(prefix));
}

/** gatewayPlaces are the gateway's addresses as prefixes: what no route may cover. */
export function gatewayPlaces({ publicAddresses }: Pick<RoutedWpc, 'publicAddresses'>): readonly Prefix[] {
  return publicAddresses.map((text) => {
    const address = strictAddress(text);
    return prefixOf(address, addressBits(address.family));
  });
}

/** routedWpc is the part of a gateway's configuration that routes depend on. */
export function routedWpc({ gateway, prefixes }: GatewayConfiguration): RoutedWpc {
  return { tunnelRanges: gateway.tunnelRanges, prefixes, publicAddresses: gateway.publicAddresses };
}

/** ownNetwork is the network whose prefixes an endpoint must not be given routes for: none for devices and hosts. */
export function ownNetwork(endpoint: Endpoint): NetworkId | null {
  return endpoint.kind === 'connector' ? endpoint.network : null;
}
