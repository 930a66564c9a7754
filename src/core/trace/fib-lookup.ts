import { address4, address6 } from '../ip/address.ts';
import type { FibLookup } from './filter/hook-context.ts';
import { orUnknown } from './linux/known.ts';
import type { LinuxHost } from './linux/linux-host.ts';
import { lookupRoute } from './linux/route-lookup.ts';
import { loopback } from './linux/route-query.ts';
import type { Packet } from './packet.ts';

/** fibLookup answers the `fib` expressions of nft from the machine's tables (nft(8), FIB EXPRESSIONS): type and interface of the route to an address. */
export function fibLookup(host: LinuxHost, packet: Packet): FibLookup {
  return ({ address, interface: device, mark }) => {
    const found = orUnknown(() =>
      lookupRoute(host, {
        destination: address,
        source: address.family === 4 ? address4(0) : address6(0n),
        iif: loopback,
        oif: device,
        mark: mark ?? 0,
        user: null,
        protocol: packet.protocol,
        ports: 'none',
        ignoreCarrier: false,
      }),
    );
    switch (found.kind) {
      case 'unknown':
        return null;
      case 'none':
        return { type: 'unspec', interface: null };
      case 'refused':
        return { type: found.refusal, interface: null };
      case 'found':
        return { type: found.route.type, interface: found.choice[0]?.leg.interface ?? null };
    }
  };
}
