import type { DataType } from './fields.ts';
import { typeOfField } from './fields.ts';
import type { Expression } from './rules.ts';

/** Shape is the types of a value that is put together of several: one for most. Null where we know no such type. */
export type Shape = readonly (DataType | null)[];

const types: Readonly<Record<string, DataType>> = {
  ipv4_addr: 'address',
  ipv6_addr: 'address',
  inet_service: 'number',
  inet_proto: 'protocol',
  mark: 'number',
  integer: 'number',
  uid: 'number',
  gid: 'number',
  ifname: 'interface',
  iface_index: 'interface',
  ether_type: 'ether-type',
  nf_proto: 'family',
  dscp: 'dscp',
  tcp_flag: 'tcp-flags',
  icmp_type: 'icmp-type',
  icmp_code: 'icmp-code',
  icmpv6_type: 'icmpv6-type',
  icmpv6_code: 'icmpv6-code',
  pkt_type: 'packet-type',
  ct_state: 'ct-state',
  ct_status: 'ct-status',
  ct_dir: 'ct-direction',
  fib_addrtype: 'route-type',
};

/** shapeOfType reads the type of a set: `ipv4_addr`, `["ipv4_addr", "inet_service"]`, or for data of maps `ipv4_addr . inet_service`. */
export function shapeOfType(type: unknown): Shape | undefined {
  const names = typeof type === 'string' ? type.split(' . ') : Array.isArray(type) ? type : [];
  if (names.length === 0) return undefined;
  return names.map((name) => (typeof name === 'string' && Object.hasOwn(types, name) ? (types[name] ?? null) : null));
}

/** shapeOf is the shape of what an expression gives. */
export function shapeOf(expression: Expression): Shape {
  switch (expression.kind) {
    case 'field':
      return [typeOfField(expression.field)];
    case 'fib':
      return [expression.result === 'type' ? 'route-type' : expression.result === 'interface' ? 'interface' : 'number'];
    case 'bits':
      return shapeOf(expression.left);
    case 'tuple':
      return expression.parts.flatMap(shapeOf);
    case 'constant':
    case 'map':
    case 'unknown':
      return [null];
  }
}
