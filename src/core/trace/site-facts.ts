import type { ConnectorId, NetworkId } from '../ids.ts';
import { formatAddress } from '../ip/address.ts';
import type { Facts } from './cause.ts';
import type { Packet } from './packet.ts';
import { connectorLabel, routerAddress } from './refs.ts';
import type { Scene } from './scene.ts';

/** siteFacts is what fixes on the LAN of a network are written from; absent where nobody has reported or stated it. */
export function siteFacts(scene: Scene, network: NetworkId, connector: ConnectorId | null, packet: Packet): Facts {
  const platform = scene.input.observed.platforms.get(network);
  const lan = connector === null ? null : scene.lan(connector);
  const router = routerAddress(scene, network);
  const name = scene.network(network)?.name;
  return {
    ...packetFacts(packet),
    networkId: network,
    ...(name === undefined ? {} : { networkName: name }),
    ...(connector === null ? {} : { connectorId: connector, connectorName: connectorLabel(scene, connector) }),
    ...(lan === null ? {} : { lanAddress: lan.address, interface: lan.interface }),
    ...(router === null ? {} : { routerAddress: router }),
    ...(platform === undefined ? {} : { platform: platform.platform, parameters: platform.parameters }),
  };
}

export function packetFacts({ source, destination, protocol, destinationPort }: Packet): Facts {
  return {
    source: formatAddress(source),
    destination: formatAddress(destination),
    protocol,
    ...(protocol === 'icmp' ? {} : { port: destinationPort }),
  };
}
