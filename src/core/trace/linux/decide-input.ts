import type { Packet } from '../packet.ts';
import { decideInput4 } from './decide-input4.ts';
import { decideInput6 } from './decide-input6.ts';
import type { InputDecision } from './decision.ts';
import { drop } from './found-route.ts';
import { needed, orUnknown, undecided } from './known.ts';
import type { LinuxHost } from './linux-host.ts';

/**
 * Arrival is a packet as it is when its route is looked up: after raw, mangle and DNAT of prerouting, which may also have set the
 * mark.
 */
export type Arrival = { readonly packet: Packet; readonly iif: string; readonly mark: number };

/**
 * decideInput is the kernel's input decision for a packet that arrives on an interface, what `ip route get DST from SRC iif IF mark
 * M` answers, with
 * the reason: forward, deliver, or drop. Deterministic, never throws.
 */
export function decideInput(host: LinuxHost, arrival: Arrival): InputDecision {
  return orUnknown(() => {
    const device = needed(host.interfaces).get(arrival.iif);
    if (device === undefined) return drop('interface-missing');
    if (!device.up) return drop('interface-down');
    const { source, destination } = arrival.packet;
    if (source.family !== destination.family) return undecided('source and destination are of different families');
    return destination.family === 4 ? decideInput4(host, arrival) : decideInput6(host, arrival);
  });
}
