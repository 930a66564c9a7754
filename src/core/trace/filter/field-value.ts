import {
  ctDirections,
  ctStates,
  ctStatuses,
  etherTypes,
  families,
  icmpTypes,
  icmpv6Types,
  packetTypes,
  protocolNumbers,
  tcpFlags,
} from './constants.ts';
import type { Field } from './fields.ts';
import type { HookContext } from './hook-context.ts';
import type { PacketState } from './packet-state.ts';
import type { Value } from './rules.ts';

/** Evaluated is a value, or that the packet has no such field (then no rule that asks for it matches), or that it is not known. */
export type Evaluated =
  | { readonly kind: 'known'; readonly value: Value }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly what: string };

export const absent: Evaluated = { kind: 'absent' };

export function known(value: Value): Evaluated {
  return { kind: 'known', value };
}

export function fieldValue(field: Field, context: HookContext, state: PacketState): Evaluated {
  const [of] = field.split(' ', 1);
  switch (of) {
    case 'ip':
    case 'ip6':
      return (context.packet.source.family === 4) === (of === 'ip') ? ipField(field, context, state) : absent;
    case 'meta':
      return metaField(field, context, state);
    case 'ct':
      return conntrackField(field, context, state);
    default:
      return transportField(field, context, state);
  }
}

function ipField(field: Field, { packet }: HookContext, state: PacketState): Evaluated {
  switch (field) {
    case 'ip version':
    case 'ip6 version':
      return known(packet.source.family);
    case 'ip dscp':
    case 'ip6 dscp':
    case 'ip ecn':
    case 'ip6 ecn':
      return known(0);
    case 'ip length':
      return known(packet.bytes);
    case 'ip6 length':
      return known(packet.bytes - 40);
    case 'ip frag-off':
      return known(packet.dontFragment ? 0x4000 : 0);
    case 'ip ttl':
    case 'ip6 hoplimit':
      return known(packet.ttl);
    case 'ip protocol':
    case 'ip6 nexthdr':
      return known(protocolOf(packet));
    case 'ip saddr':
    case 'ip6 saddr':
      return knownOr(state.source?.value ?? null, 'the source after NAT');
    case 'ip daddr':
    case 'ip6 daddr':
      return knownOr(state.destination?.value ?? null, 'the destination after NAT');
    default:
      return { kind: 'unknown', what: field };
  }
}

function protocolOf(packet: HookContext['packet']): number {
  if (packet.protocol === 'icmp' && packet.source.family === 6) return protocolNumbers.icmpv6;
  return protocolNumbers[packet.protocol];
}

function transportField(field: Field, { packet }: HookContext, state: PacketState): Evaluated {
  const { protocol, kind, source } = packet;
  const sourcePort = knownOr(state.sourcePort, 'the source port after NAT');
  const destinationPort = knownOr(state.destinationPort, 'the destination port after NAT');
  const icmp = protocol === 'icmp' ? source.family : null;
  switch (field) {
    case 'tcp sport':
      return protocol === 'tcp' ? sourcePort : absent;
    case 'tcp dport':
      return protocol === 'tcp' ? destinationPort : absent;
    case 'udp sport':
      return protocol === 'udp' ? sourcePort : absent;
    case 'udp dport':
      return protocol === 'udp' ? destinationPort : absent;
    case 'udp length':
      return protocol === 'udp' ? known(packet.bytes - (source.family === 4 ? 20 : 40)) : absent;
    // ICMP has other things at the place of the ports.
    case 'th sport':
      return icmp === null ? sourcePort : { kind: 'unknown', what: 'th sport of ICMP' };
    case 'th dport':
      return icmp === null ? destinationPort : { kind: 'unknown', what: 'th dport of ICMP' };
    case 'tcp flags':
      if (protocol !== 'tcp') return absent;
      if (kind === 'syn') return known(tcpFlags.syn);
      return kind === 'syn-ack' ? known(tcpFlags.syn | tcpFlags.ack) : { kind: 'unknown', what: field };
    case 'icmp type':
      return icmp === 4 ? known(kind === 'echo-reply' ? icmpTypes['echo-reply'] : icmpTypes['echo-request']) : absent;
    case 'icmpv6 type':
      return icmp === 6 ? known(kind === 'echo-reply' ? icmpv6Types['echo-reply'] : icmpv6Types['echo-request']) : absent;
    case 'icmp code':
      return icmp === 4 ? known(0) : absent;
    case 'icmpv6 code':
      return icmp === 6 ? known(0) : absent;
    case 'icmp id':
      return icmp === 4 ? sourcePort : absent;
    case 'icmpv6 id':
      return icmp === 6 ? sourcePort : absent;
    default:
      return { kind: 'unknown', what: field };
  }
}

function metaField(field: Field, context: HookContext, state: PacketState): Evaluated {
  const { packet, iifname, oifname, hook } = context;
  switch (field) {
    case 'meta length':
      return known(packet.bytes);
    case 'meta nfproto':
      return known(packet.source.family === 4 ? families.ipv4 : families.ipv6);
    case 'meta protocol':
      return known(packet.source.family === 4 ? etherTypes.ip : etherTypes.ip6);
    case 'meta l4proto':
      return known(protocolOf(packet));
    case 'meta mark':
      return knownOr(state.mark, 'the mark');
    // Where there is no interface, its name is empty (since Linux 5.8; before, no rule matched that asked).
    case 'meta iif':
    case 'meta iifname':
      return known(iifname ?? '');
    case 'meta oif':
    case 'meta oifname':
      return known(oifname ?? '');
    case 'meta pkttype':
      return known(packetTypes.host);
    // A packet that is forwarded belongs to no process.
    case 'meta skuid':
    case 'meta skgid':
      return iifname !== null && (hook === 'forward' || hook === 'postrouting') ? absent : { kind: 'unknown', what: field };
    default:
      return { kind: 'unknown', what: field };
  }
}

function conntrackField(field: Field, { packet, ct }: HookContext, state: PacketState): Evaluated {
  const tracked = state.tracking === 'tracked' && ct.state !== 'invalid' && ct.state !== 'untracked';
  if (field === 'ct state') {
    if (tracked) return known(ctStates[ct.state]);
    return known(
      state.tracking === 'untracked' || (state.tracking === 'tracked' && ct.state === 'untracked')
        ? ctStates.untracked
        : ctStates.invalid,
    );
  }
  if (!tracked) return absent;
  const original = ct.original;
  switch (field) {
    case 'ct direction':
      return known(ctDirections[ct.direction]);
    case 'ct mark':
      return knownOr(state.flowMark, 'the flow’s mark');
    case 'ct status': {
      if (ct.status === null) return { kind: 'unknown', what: field };
      const added = state.translation === null ? 0 : ctStatuses[state.translation.of === 'source' ? 'snat' : 'dnat'];
      return known(ct.status.reduce((bits, status) => bits | ctStatuses[status], added));
    }
    case 'ct protocol':
      return known(protocolOf(packet));
    case 'ct l3proto':
      return known(packet.source.family === 4 ? families.ipv4 : families.ipv6);
    case 'ct original saddr':
      return knownOr(original?.source.value ?? null, field);
    case 'ct original daddr':
      return knownOr(original?.destination.value ?? null, field);
    case 'ct original proto-src':
      return knownOr(original?.sourcePort ?? null, field);
    case 'ct original proto-dst':
      return knownOr(original?.destinationPort ?? null, field);
    default:
      return { kind: 'unknown', what: field };
  }
}

function knownOr(value: number | bigint | null, what: string): Evaluated {
  return value === null ? { kind: 'unknown', what } : known(value);
}
