import type { Protocol, PacketKind, Packet } from './packet.ts';
import { strictAddress } from '../ip/address.ts';
import type { AddressText } from '../ip/address.ts';
import type { ObjectRef } from './cause.ts';

/** TraceEnd is one end of a flow: the object that was named, and the address that it has in the flow. */
export type TraceEnd = { readonly object: ObjectRef; readonly address: AddressText };

/** FlowQuestion asks about one flow; `port` is null for ICMP alone. `bytes` is the length of its largest packet. */
export type FlowQuestion = {
  readonly source: TraceEnd;
  readonly destination: TraceEnd;
  readonly protocol: Protocol;
  readonly port: number | null;
  readonly bytes: number;
  readonly dontFragment: boolean;
};

/** The port from which clients ask: any that no service has. */
const clientPort = 49_152;

const firstKinds = { tcp: 'syn', udp: 'datagram', icmp: 'echo-request' } as const satisfies Record<Protocol, PacketKind>;

/** flowPacket is the packet that begins the flow. Throws RangeError for addresses that are not canonical. */
export function flowPacket({ source, destination, protocol, port, bytes, dontFragment }: FlowQuestion): Packet {
  return {
    source: strictAddress(source.address),
    destination: strictAddress(destination.address),
    protocol,
    sourcePort: protocol === 'icmp' ? 1 : clientPort,
    destinationPort: protocol === 'icmp' ? 1 : (port ?? 0),
    kind: firstKinds[protocol],
    bytes,
    dontFragment,
    ttl: 64,
  };
}
