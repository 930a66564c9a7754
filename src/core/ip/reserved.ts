import type { Prefix, PrefixText } from './prefix.ts';
import { contains, formatPrefix, overlaps, strictPrefix } from './prefix.ts';

/** PrefixUse is what an operator wants to use a prefix for. */
export type PrefixUse = 'network-prefix' | 'tunnel-range';

/** ReservedRange is a range that no site and no tunnel may use, because hosts or routers on the way treat it specially. */
export interface ReservedRange {
  readonly prefix: Prefix;
  /** What the range is for, to be read as "covers 127.0.0.0/8 (loopback, RFC 1122)". */
  readonly purpose: string;
  /** Where that is laid down. */
  readonly source: string;
}

function range(text: string, purpose: string, source: string): ReservedRange {
  return { prefix: strictPrefix(text), purpose, source };
}

/**
 * reservedRanges follows the IANA special-purpose registries (iana.org/assignments/iana-ipv4-special-registry and
 * iana-ipv6-special-registry), but only with what cannot work: private, shared (100.64.0.0/10), benchmarking, documentation
 * and NAT64 ranges can be routed and are somebody's site, so they are not here. More specific ranges come first.
 */
export const reservedRanges: readonly ReservedRange[] = [
  range('0.0.0.0/8', 'this host on this network', 'RFC 791'),
  range('127.0.0.0/8', 'loopback', 'RFC 1122'),
  range('169.254.0.0/16', "link-local, never forwarded; also the clouds' metadata service", 'RFC 3927'),
  range('192.0.0.0/24', 'IETF protocol assignments', 'RFC 6890'),
  range('224.0.0.0/4', 'multicast', 'RFC 5771'),
  range('255.255.255.255/32', 'limited broadcast', 'RFC 919'),
  range('240.0.0.0/4', 'reserved for future use', 'RFC 1112'),
  range('::/128', 'the unspecified address', 'RFC 4291'),
  range('::1/128', 'loopback', 'RFC 4291'),
  range('::/96', 'IPv4-compatible addresses, deprecated', 'RFC 4291'),
  range('::ffff:0.0.0.0/96', 'IPv4-mapped addresses, which never appear on a wire', 'RFC 4291'),
  range('100::/64', 'discard only', 'RFC 6666'),
  range('fe80::/10', 'link-local, never forwarded', 'RFC 4291'),
  range('fec0::/10', 'site-local, deprecated; use a unique local prefix (fd00::/8)', 'RFC 3879'),
  range('ff00::/8', 'multicast', 'RFC 4291'),
];

/** 2000::/3 is all of IPv6 that is given out to the internet, so a route to it is a default route under another name. */
const wholeInternet = [strictPrefix('0.0.0.0/0'), strictPrefix('2000::/3')];

/** PrefixObjection is why a prefix may not be used, as one lower-case line without full stop. */
export interface PrefixObjection {
  readonly reason: string;
  /** The reserved range that it collides with; absent for a default route. */
  readonly conflict?: PrefixText;
}

/**
 * objectionTo tells why a well-formed prefix may not be used for this, undefined if it may. It knows the ranges that are
 * forbidden everywhere; collisions with other networks and with the tunnel range are the caller's.
 */
export function objectionTo(prefix: Prefix, use: PrefixUse): PrefixObjection | undefined {
  const text = formatPrefix(prefix);
  if (wholeInternet.some((whole) => contains(prefix, whole))) {
    const remedy =
      use === 'network-prefix'
        ? 'internet access through a network is a setting of that network (egress), not a route'
        : 'use a private prefix, such as 100.96.0.0/11';
    return { reason: `${text} is the whole internet: ${remedy}` };
  }
  const conflict =
    reservedRanges.find((reserved) => contains(reserved.prefix, prefix)) ??
    reservedRanges.find((reserved) => overlaps(reserved.prefix, prefix));
  if (conflict === undefined) return undefined;
  const reserved = formatPrefix(conflict.prefix);
  const relation = text === reserved ? 'is' : contains(conflict.prefix, prefix) ? `lies in ${reserved},` : `covers ${reserved},`;
  return { reason: `${text} ${relation} ${conflict.purpose} (${conflict.source})`, conflict: reserved };
}
