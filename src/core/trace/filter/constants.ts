/** Constants of rules as nft's JSON and iptables write them: numbers, or names that depend on the type of what they are compared with. */
import { tryParseAddress } from '../../ip/address.ts';
import type { DataType } from './fields.ts';
import type { Scalar } from './rules.ts';

type Names = Readonly<Record<string, number>>;

export const protocolNumbers = {
  ip: 0,
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  'ipv6-icmp': 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  ospf: 89,
  pim: 103,
  ipcomp: 108,
  comp: 108,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  udplite: 136,
} as const satisfies Names;

export const tcpFlags = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 } as const satisfies Names;
/** The kernel's bits; `new` is 8 because established and related take two each, one of either direction. */
export const ctStates = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const satisfies Names;
export const ctStatuses = {
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  dying: 512,
} as const satisfies Names;
export const ctDirections = { original: 0, reply: 1 } as const satisfies Names;
export const families = { ipv4: 2, ipv6: 10 } as const satisfies Names;
export const etherTypes = { ip: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100 } as const satisfies Names;
export const packetTypes = { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 } as const satisfies Names;

export const icmpTypes = {
  'echo-reply': 0,
  pong: 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  ping: 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
  'info-request': 15,
  'info-reply': 16,
  'address-mask-request': 17,
  'address-mask-reply': 18,
} as const satisfies Names;

export const icmpv6Types = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'mld-listener-reduction': 132,
  'nd-router-solicit': 133,
  'router-solicitation': 133,
  'nd-router-advert': 134,
  'router-advertisement': 134,
  'nd-neighbor-solicit': 135,
  'neighbour-solicitation': 135,
  'nd-neighbor-advert': 136,
  'neighbour-advertisement': 136,
  'nd-redirect': 137,
  'router-renumbering': 138,
  'ind-neighbor-solicit': 141,
  'ind-neighbor-advert': 142,
  'mld2-listener-report': 143,
} as const satisfies Names;

const icmpCodes: Names = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'frag-needed': 4,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
};
const icmpv6Codes: Names = {
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
  'policy-fail': 5,
  'reject-route': 6,
};
const dscps: Names = {
  df: 0,
  be: 0,
  lephb: 1,
  ef: 46,
  va: 44,
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((level) => [`cs${String(level)}`, level * 8])),
  ...Object.fromEntries(
    [1, 2, 3, 4].flatMap((level) => [1, 2, 3].map((drop) => [`af${String(level)}${String(drop)}`, level * 8 + drop * 2])),
  ),
};

const namesOf: Readonly<Partial<Record<DataType, Names>>> = {
  protocol: protocolNumbers,
  'ether-type': etherTypes,
  family: families,
  'tcp-flags': tcpFlags,
  'icmp-type': icmpTypes,
  'icmp-code': icmpCodes,
  'icmpv6-type': icmpv6Types,
  'icmpv6-code': icmpv6Codes,
  dscp: dscps,
  'packet-type': packetTypes,
  'ct-state': ctStates,
  'ct-status': ctStatuses,
  'ct-direction': ctDirections,
};

/** readScalar reads one constant; undefined where it is none of this type. */
export function readScalar(constant: unknown, type: DataType): Scalar | undefined {
  if (typeof constant === 'number') {
    // An interface's index says nothing without the table of links.
    const named = type === 'interface' || type === 'address' || type === 'text' || type === 'route-type';
    return named || !Number.isSafeInteger(constant) ? undefined : constant;
  }
  if (typeof constant !== 'string') return undefined;
  switch (type) {
    case 'address':
      return tryParseAddress(constant)?.value;
    case 'interface':
    case 'text':
    case 'route-type':
      return constant;
    default: {
      const names = namesOf[type];
      if (names !== undefined && Object.hasOwn(names, constant)) return names[constant];
      return /^(0x[0-9a-f]{1,8}|[0-9]{1,10})$/i.test(constant) ? Number(constant) : undefined;
    }
  }
}
