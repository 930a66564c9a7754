import type { GatewayIdentity } from '../core/gateway-configuration.ts';
import type { AddressText } from '../core/ip/address.ts';
import { addressPlus, formatAddress, strictAddress } from '../core/ip/address.ts';
import type { Prefix4, PrefixText } from '../core/ip/prefix.ts';
import { containsAddress, firstAddress, formatPrefix, netmask, strictPrefix } from '../core/ip/prefix.ts';
import type { PushedOptions } from '../core/pushed-options.ts';
import { networkAndMask, pushLines } from './push-lines.ts';

/**
 * acceptBody is the body of `client-auth`: one option per line (openvpn.md 2.5). Topology and ping times are in the lane's own
 * configuration, where they are the same for all. Every value is a checked address or prefix, so nothing needs escaping. Pure.
 */
export function acceptBody(
  gateway: GatewayIdentity,
  address: AddressText,
  range: Prefix4,
  owns: readonly PrefixText[],
  pushed: PushedOptions,
): readonly string[] {
  return [
    `ifconfig-push ${address} ${netmask(range)}`,
    `push "route-gateway ${nextHop(gateway, range)}"`,
    ...owns.map((text) => `iroute ${networkAndMask(text)}`),
    ...pushLines(withoutRange(pushed, range)).map((line) => `push "${line}"`),
  ];
}

/** withoutRange leaves out the range that the client's address lies in: its tun has it by its netmask, and `ip route add` would fail there. */
export function withoutRange(pushed: PushedOptions, range: Prefix4): PushedOptions {
  return { ...pushed, routes: pushed.routes.filter((text) => text !== formatPrefix(range)) };
}

/** rangeOf is the tunnel range that an address lies in; undefined if there is none. */
export function rangeOf(gateway: GatewayIdentity, address: AddressText): Prefix4 | undefined {
  const parsed = strictAddress(address);
  for (const text of gateway.tunnelRanges) {
    const range = strictPrefix(text);
    if (range.family === 4 && containsAddress(range, parsed)) return range;
  }
  return undefined;
}

/**
 * The client's routes name a next hop that must be on its tun's subnet; a tun has no neighbours, so any address of the range does. The
 * gateway's own address lies in the first range only.
 */
function nextHop(gateway: GatewayIdentity, range: Prefix4): AddressText {
  if (containsAddress(range, strictAddress(gateway.address))) return gateway.address;
  return formatAddress(addressPlus(firstAddress(range), 1) ?? firstAddress(range));
}
