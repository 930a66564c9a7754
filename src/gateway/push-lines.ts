import { formatAddress } from '../core/ip/address.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { firstAddress, netmask, strictPrefix } from '../core/ip/prefix.ts';
import type { PushedOptions } from './pushed.ts';

/**
 * pushLines gives PushedOptions as openvpn's words, one option each: what a client is pushed when it connects, and what an update of them
 * has (management/push-update.ts). Every value is a checked address or prefix, so nothing needs escaping. Pure.
 *
 * `redirect-gateway def1 ipv6` alone would lead IPv6 into a tunnel that has none, where it is dropped and everybody waits; `block-ipv6`
 * alone refuses only what was routed there. Together they refuse at once (decision 0067).
 */
export function pushLines(pushed: PushedOptions): readonly string[] {
  return [
    ...pushed.routes.filter((text) => !text.includes(':')).map((text) => `route ${networkAndMask(text)}`),
    ...(pushed.internet === 'local'
      ? []
      : [
          'redirect-gateway def1 ipv6',
          'block-ipv6',
          ...pushed.bypass.map((text) => `route ${networkAndMask(text)} net_gateway ${String(bypassMetric)}`),
        ]),
    ...pushed.dns.map((address) => `dhcp-option DNS ${address}`),
  ];
}

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
