import type { NetworkId } from './ids.ts';
import type { PrefixText } from './ip/prefix.ts';

/**
 * InternetAccess says where packets for the internet go (api.md 2.3): by the local line, through the tunnel and out at an internet
 * gateway (`gateways` are the egress networks that may be used, empty: all), or nowhere but to what is trusted. `bypass` prefixes go by
 * the local line all the same; only user groups have any.
 */
export type InternetAccess =
  | { readonly mode: 'SPLIT_TUNNEL_ON' }
  | { readonly mode: 'SPLIT_TUNNEL_OFF'; readonly gateways: readonly NetworkId[]; readonly bypass: readonly PrefixText[] }
  | { readonly mode: 'RESTRICTED_INTERNET'; readonly bypass: readonly PrefixText[] };
