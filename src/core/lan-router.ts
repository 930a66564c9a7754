import type { AddressText } from './ip/address.ts';
import { strictAddress } from './ip/address.ts';
import type { PrefixText } from './ip/prefix.ts';
import { containsAddress, strictPrefix } from './ip/prefix.ts';
import { lanAddressOf } from './site-routes/lan-address.ts';

/**
 * lanRouterOf is the router of a connector's LAN as the connector reported it (sections addr and route): what is probed through it while the
 * operator names nothing. Only one that lies in the network's own prefixes: a connector must not be able to name an address of anybody
 * else's. Null where there is none, or the texts do not say.
 */
export function lanRouterOf(
  sections: { readonly addr: string | undefined; readonly route: string | undefined },
  prefixes: readonly PrefixText[],
): AddressText | null {
  const router = lanAddressOf(sections, prefixes)?.router ?? null;
  if (router === null) return null;
  const address = strictAddress(router);
  return prefixes.some((prefix) => containsAddress(strictPrefix(prefix), address)) ? router : null;
}
