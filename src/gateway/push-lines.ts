import { formatAddress } from '../core/ip/address.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { firstAddress, isIpv4Text, netmask, strictPrefix } from '../core/ip/prefix.ts';
import type { PushedOptions } from '../core/pushed-options.ts';

/**
 * pushLines gives PushedOptions as openvpn's words, one option each: what a client is pushed when it connects, and what an update of them
 * has (management/push-update.ts). Every value is a checked address or prefix, so nothing needs escaping. Pure.
 *
 * Lanes carry no IPv6, so where the internet is reached by the tunnel, all of IPv6 is led there by routes and refused at once by
 * `block-ipv6`, in the client itself (decision 0067).
 */
export function pushLines(pushed: PushedOptions): readonly string[] {
  return [
    ...pushed.routes.filter(isIpv4Text).map((text) => `route ${networkAndMask(text)}`),
    ...(pushed.internet === 'local'
      ? []
      : [
          'redirect-gateway def1',
          'block-ipv6',
          ...allOfIpv6.map((prefix) => `route-ipv6 ${prefix} ${nobody}`),
          ...pushed.bypass.map((text) => `route ${networkAndMask(text)} net_gateway ${String(bypassMetric)}`),
        ]),
    ...pushed.dns.map((address) => `dhcp-option DNS ${address}`),
  ];
}

/**
 * What `redirect-gateway ipv6` would set, said one by one: clients of 2.7 set that only if their tun has an IPv6 address, and on a machine
 * where IPv6 is switched off a client that is given one ends (2.6.14 and 2.7.8, both tried). Longer than what a router announces.
 */
const allOfIpv6 = ['::/3', '2000::/4', '3000::/4', 'fc00::/7'];

/** A tun has no neighbours: the next hop is said because a tun without an IPv6 address has none of its own. */
const nobody = 'fe80::1';

/**
 * Behind what the machine has itself: with the usual metric 0 a bypass that is also its LAN would clash with the route to that, and the
 * client would say that it connected with errors.
 */
const bypassMetric = 1000;

/** networkAndMask is a prefix in the two words of `route` and `iroute`. Throws RangeError for IPv6. */
export function networkAndMask(text: PrefixText): string {
  const prefix = strictPrefix(text);
  if (prefix.family !== 4) throw new RangeError(`prefix ${text} is not IPv4; lanes carry IPv4 only`);
  return `${formatAddress(firstAddress(prefix))} ${netmask(prefix)}`;
}
