/** What rules read of a packet, under the names that nft prints, with the type that decides how constants beside it are read. */

export type DataType =
  | 'address'
  | 'interface'
  | 'protocol'
  | 'ether-type'
  | 'family'
  | 'number'
  | 'tcp-flags'
  | 'icmp-type'
  | 'icmp-code'
  | 'icmpv6-type'
  | 'icmpv6-code'
  | 'dscp'
  | 'packet-type'
  | 'ct-state'
  | 'ct-status'
  | 'ct-direction'
  | 'route-type'
  | 'text';

const fieldTypes = {
  'ip version': 'number',
  'ip dscp': 'dscp',
  'ip ecn': 'number',
  'ip length': 'number',
  'ip frag-off': 'number',
  'ip ttl': 'number',
  'ip protocol': 'protocol',
  'ip saddr': 'address',
  'ip daddr': 'address',
  'ip6 version': 'number',
  'ip6 dscp': 'dscp',
  'ip6 ecn': 'number',
  'ip6 length': 'number',
  'ip6 nexthdr': 'protocol',
  'ip6 hoplimit': 'number',
  'ip6 saddr': 'address',
  'ip6 daddr': 'address',
  'tcp sport': 'number',
  'tcp dport': 'number',
  'tcp flags': 'tcp-flags',
  'udp sport': 'number',
  'udp dport': 'number',
  'udp length': 'number',
  'th sport': 'number',
  'th dport': 'number',
  'icmp type': 'icmp-type',
  'icmp code': 'icmp-code',
  'icmp id': 'number',
  'icmpv6 type': 'icmpv6-type',
  'icmpv6 code': 'icmpv6-code',
  'icmpv6 id': 'number',
  'meta length': 'number',
  'meta nfproto': 'family',
  'meta l4proto': 'protocol',
  'meta protocol': 'ether-type',
  'meta mark': 'number',
  'meta iif': 'interface',
  'meta oif': 'interface',
  'meta iifname': 'interface',
  'meta oifname': 'interface',
  'meta pkttype': 'packet-type',
  'meta skuid': 'number',
  'meta skgid': 'number',
  'ct state': 'ct-state',
  'ct status': 'ct-status',
  'ct direction': 'ct-direction',
  'ct mark': 'number',
  'ct helper': 'text',
  'ct protocol': 'protocol',
  'ct l3proto': 'family',
  'ct original saddr': 'address',
  'ct original daddr': 'address',
  'ct original proto-src': 'number',
  'ct original proto-dst': 'number',
} as const satisfies Record<string, DataType>;

export type Field = keyof typeof fieldTypes;

export function isField(text: string): text is Field {
  return Object.hasOwn(fieldTypes, text);
}

export function typeOfField(field: Field): DataType {
  return fieldTypes[field];
}
