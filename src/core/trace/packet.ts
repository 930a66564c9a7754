import type { Address, AddressText } from '../ip/address.ts';
import { formatAddress } from '../ip/address.ts';

export const protocols = ['tcp', 'udp', 'icmp'] as const;
export type Protocol = (typeof protocols)[number];

/** PacketKind says what the packet does in its conversation; it is what filters see as TCP flags and ICMP types. */
export type PacketKind = 'syn' | 'syn-ack' | 'datagram' | 'echo-request' | 'echo-reply';

/**
 * Packet is one packet at one point of its way. `bytes` is the length of the whole IP packet. Ports of ICMP are its identifier, the same
 * number twice, so that conntrack's tuples need no case of their own. `icmp` is ICMPv6 where the addresses are of that family.
 */
export type Packet = {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: Protocol;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly kind: PacketKind;
  readonly bytes: number;
  readonly dontFragment: boolean;
  readonly ttl: number;
};

/** answerTo is the packet that the other side sends back. `bytes` of the answer are those of the question: both directions are asked about. */
export function answerTo(packet: Packet, ttl = 64): Packet {
  return {
    ...packet,
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    kind: answerKind(packet.kind),
    ttl,
  };
}

function answerKind(kind: PacketKind): PacketKind {
  switch (kind) {
    case 'syn':
      return 'syn-ack';
    case 'syn-ack':
      return 'syn';
    case 'datagram':
      return 'datagram';
    case 'echo-request':
      return 'echo-reply';
    case 'echo-reply':
      return 'echo-request';
  }
}

/** PacketView is a packet as a result shows it. */
export type PacketView = {
  readonly source: AddressText;
  readonly sourcePort: number | null;
  readonly destination: AddressText;
  readonly destinationPort: number | null;
  readonly protocol: Protocol;
};

export function viewOf({ source, destination, protocol, sourcePort, destinationPort }: Packet): PacketView {
  const ports = protocol !== 'icmp';
  return {
    source: formatAddress(source),
    sourcePort: ports ? sourcePort : null,
    destination: formatAddress(destination),
    destinationPort: ports ? destinationPort : null,
    protocol,
  };
}
